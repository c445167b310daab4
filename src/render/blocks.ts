// Block tokens (paragraphs, headings, quotes, lists, tables, code) to rows of spans.

import type { Token, Tokens } from 'marked'
import { renderCode } from './code.ts'
import { languageOf } from './fence.ts'
import { renderInline } from './inline.ts'
import { endsBlank, markerOf } from './list-marker.ts'
import { plainSpan, type Row, type Span, wrapSpans } from './spans.ts'
import { stableText } from './stable-text.ts'
import type { RenderStyle } from './style.ts'
import { renderTable } from './table.ts'
import type { Role } from './theme.ts'

export interface BlockContext {
  readonly style: RenderStyle
  /** Columns left for this block. */
  readonly width: number
  /** How deep in quotes and lists it stands. */
  readonly depth: number
}

export interface Rendered {
  readonly rows: readonly Row[]
  /** How many rows from the top stay as they are, whatever text still comes. */
  readonly stable: number
}

/** Lines longer than this are tiring to read, however wide the window is. */
const PROSE = 110
/** Below this width quotes and lists are no longer indented. */
const NARROW = 8
const MAX_DEPTH = 40

/** Rows of blocks below one another; `open` when the last of them may still grow. */
export function renderBlockTokens(tokens: readonly Token[], context: BlockContext, open = false): Rendered {
  const rows: Row[] = []
  let stable = 0
  let previous: Token | null = null
  let spaced = false
  const last = tokens.findLast((token) => token.type !== 'space')
  for (const token of tokens) {
    if (token.type === 'space' || token.type === 'checkbox') {
      spaced ||= token.type === 'space'
      continue
    }
    if (previous !== null && (spaced || context.depth === 0 || isTall(previous) || isTall(token))) rows.push([])
    const block = renderBlock(token, context, open && token === last)
    stable = rows.length + block.stable
    rows.push(...block.rows)
    previous = token
    spaced = false
  }
  return { rows, stable }
}

/** Rows of one block. */
export function renderBlock(token: Token, context: BlockContext, open: boolean): Rendered {
  if (context.depth > MAX_DEPTH) return closed(wrapSpans([plainSpan(token.raw.trim())], context.width))
  switch (token.type) {
    case 'heading':
      return closed(renderHeading(token as Tokens.Heading, context))
    case 'code':
      return renderCodeToken(token as Tokens.Code, context, open)
    case 'blockquote':
      return renderQuote(token as Tokens.Blockquote, context, open)
    case 'list':
      return renderList(token as Tokens.List, context, open)
    case 'table':
      return hold(renderTable(token as Tokens.Table, context.style, context.width), open)
    case 'hr':
      return closed([[{ text: '─'.repeat(Math.min(context.width, 40)), roles: ['dim'] }]])
    default:
      return renderText(token, context, open)
  }
}

/** Rows of an item; `number` is null in a bulleted list. Nothing in it depends on the other items. */
export function renderItem(
  item: Tokens.ListItem,
  number: number | null,
  context: BlockContext,
  open: boolean,
): Rendered {
  const marker = markerOf(item, number, context.depth)
  const columns = marker.reduce((sum, span) => sum + span.text.length, 0)
  const inner = inset(context, columns)
  const { rows, stable } = renderBlockTokens(item.tokens, inner ?? { ...context, depth: context.depth + 1 }, open)
  if (inner === null) return { rows: [marker, ...rows], stable: stable + 1 }
  const indent: Span = { text: ' '.repeat(columns), roles: [] }
  const [first = [], ...rest] = rows
  const indented = rest.map((row): Row => (row.length === 0 ? row : [indent, ...row]))
  return { rows: [[...marker, ...first], ...indented], stable }
}

/** The columns left beside a prefix; where there is too little room the prefix is left out. */
function inset(context: BlockContext, columns: number): BlockContext | null {
  const width = context.width - columns
  return width < NARROW ? null : { ...context, width, depth: context.depth + 1 }
}

function isTall(token: Token): boolean {
  return ['code', 'table', 'blockquote', 'heading', 'hr'].includes(token.type)
}

function closed(rows: readonly Row[]): Rendered {
  return { rows, stable: rows.length }
}

function hold(rows: readonly Row[], open: boolean): Rendered {
  return { rows, stable: open ? 0 : rows.length }
}

function renderHeading(token: Tokens.Heading, context: BlockContext): readonly Row[] {
  const role: Role = token.depth === 1 ? 'title' : token.depth === 2 ? 'heading' : 'subheading'
  return wrapSpans(renderInline(token.tokens, context.style, [role]), context.width)
}

function renderText(token: Token, context: BlockContext, open: boolean): Rendered {
  const width = Math.min(context.width, PROSE)
  const tokens: readonly Token[] = ('tokens' in token && token.tokens) || [token]
  const rows = wrapSpans(renderInline(tokens, context.style), width)
  if (!open) return closed(rows)
  const settled = stableText(tokens)
  if (settled.length === 0) return { rows, stable: 0 }
  // The last row of the settled text goes on with what is not settled.
  return { rows, stable: wrapSpans(renderInline(settled, context.style), width).length - 1 }
}

function renderCodeToken(token: Tokens.Code, context: BlockContext, open: boolean): Rendered {
  const language = token.codeBlockStyle === 'indented' ? null : languageOf(token.lang)
  if (!open) return closed(renderCode(token.text, language, context.width))
  const lines = token.text.split('\n')
  const rows = renderCode(token.text, language, context.width)
  const isClosed = /\n[ \t>]*(`{3,}|~{3,})[`~]*[ \t]*$/.test(token.raw)
  const shown = isClosed ? rows : rows.slice(0, -1)
  const last = renderCode(lines.at(-1) ?? '', null, context.width).length - 2
  // An indented block gives its blank end back, and an unfinished line may turn out to be the closing fence.
  const unsettled = token.codeBlockStyle === 'indented' ? shown.length : last + (isClosed ? 1 : 0)
  return { rows: shown, stable: Math.max(0, shown.length - unsettled) }
}

function renderQuote(token: Tokens.Blockquote, context: BlockContext, open: boolean): Rendered {
  const inner = inset(context, 2)
  const { rows, stable } = renderBlockTokens(token.tokens, inner ?? { ...context, depth: context.depth + 1 }, open)
  const quoted = rows.map((row): Row => {
    const muted = row.map((span) => ({ ...span, roles: span.roles.length === 0 ? (['quote'] as const) : span.roles }))
    return inner === null ? muted : [{ text: '│ ', roles: ['quote'] }, ...muted]
  })
  return { rows: quoted, stable }
}

function renderList(token: Tokens.List, context: BlockContext, open: boolean): Rendered {
  const rows: Row[] = []
  let stable = 0
  for (const [index, item] of token.items.entries()) {
    if (index > 0 && endsBlank(token.items[index - 1])) rows.push([])
    const number = token.ordered ? Number(token.start) + index : null
    const rendered = renderItem(item, number, context, open && index === token.items.length - 1)
    stable = rows.length + rendered.stable
    rows.push(...rendered.rows)
  }
  return { rows, stable }
}
