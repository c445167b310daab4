// Lays final pieces and the open part out as terminal lines below one another, leaving out what was given out early.

import type { Tokens } from 'marked'
import type { Continues, ItemPlace, OpenPart, Piece } from './block-reader.ts'
import { type BlockContext, type Rendered, renderBlock, renderBlockTokens, renderItem } from './blocks.ts'
import { codeEnd, codeStart } from './code.ts'
import { type CodeLines, createCodeLines } from './code-lines.ts'
import { heal } from './heal.ts'
import { lexBlocks } from './lexer.ts'
import { endsBlank } from './list-marker.ts'
import { paintRow, type Row, rowInk } from './spans.ts'
import type { RenderStyle } from './style.ts'

export interface Layout {
  /** Takes final pieces in and gives the terminal lines that are final now. */
  add(pieces: readonly Piece[]): readonly string[]
  /** The lines of the open part as they look now. */
  open(part: OpenPart): readonly string[]
  /**
   * Gives out the first of the open lines, at most `count`, as far as they are sure to stay as they are; says how many.
   * The text in them is left out from then on.
   */
  freeze(part: OpenPart, count: number): number
  /** Gives out the first `count` open lines whatever may become of them. */
  forceFreeze(part: OpenPart, count: number): void
  restyle(style: RenderStyle): void
}

/** Long code is given out in portions, since colouring looks at all lines that are kept. */
const MAX_CODE_LINES = 400

/** Starts at the top of an empty text. */
export function createLayout(initial: RenderStyle): Layout {
  let style = initial
  let isEmpty = true
  let code: CodeLines | null = null
  /** Visible characters of the open part that were given out. */
  let frozenInk = 0
  return { add, open, freeze, forceFreeze, restyle: (next) => (style = next) }

  function add(pieces: readonly Piece[]): readonly string[] {
    return pieces.flatMap((piece) => addPiece(piece)).map(paint)
  }

  function addPiece(piece: Piece): readonly Row[] {
    switch (piece.type) {
      case 'block':
        return settle(below(renderBlock(piece.token, context(), false).rows))
      case 'item':
        return settle(below(renderItem(piece.item, piece.number, context(), false).rows, piece.place))
      case 'code-start':
        code = createCodeLines(piece.language, below([codeStart(piece.language, style.width)]))
        return []
      case 'plain-start':
        code = createCodeLines(null, below([]))
        return []
      case 'plain-line':
        code?.push(piece.text)
        return takeCode()
      case 'code-line':
        code?.push(piece.text)
        return code && code.count() > MAX_CODE_LINES && code.isReady() ? takeCode() : []
      case 'code-end':
        return [...takeCode(), codeEnd()]
    }
  }

  function takeCode(): readonly Row[] {
    const rows = code?.rows(style.width).complete ?? []
    code?.drop(Number.POSITIVE_INFINITY, style.width)
    return settle(rows)
  }

  function settle(rows: readonly Row[]): readonly Row[] {
    const { rest, left } = skipInk(rows, frozenInk)
    frozenInk = left
    return rest
  }

  function below(rows: readonly Row[], place: ItemPlace = 'first'): readonly Row[] {
    const spaced = !isEmpty && place !== 'next'
    isEmpty = false
    return spaced ? [[], ...rows] : rows
  }

  function open(part: OpenPart): readonly string[] {
    return openRows(part).map(paint)
  }

  function openRows(part: OpenPart): readonly Row[] {
    const { rows } = part.type === 'line' ? renderLine(part.text) : renderSource(heal(part.source), part.continues)
    return skipInk(rows, frozenInk).rest
  }

  function renderLine(text: string): Rendered {
    if (code === null) return NOTHING
    const isMaybeFence = /^ {0,3}(?:`*|~*)[ \t]*$/.test(text)
    const { complete, partial } = code.rows(style.width, isMaybeFence ? undefined : text)
    return { rows: [...complete, ...partial], stable: code.isReady() ? complete.length : 0 }
  }

  function renderSource(source: string, continues: Continues | null): Rendered {
    if (source.trim() === '') return NOTHING
    const tokens = lexBlocks(source) ?? []
    const [first, ...rest] = tokens
    const place = continues?.place ?? 'first'
    if (continues === null || first?.type !== 'list') return spaced(renderBlockTokens(tokens, context(), true), place)
    const after = renderBlockTokens(rest, context(), true)
    const items = renderItems(first as Tokens.List, continues.number, after.rows.length === 0)
    return spaced(after.rows.length === 0 ? items : joined(items, after), place)
  }

  function renderItems(list: Tokens.List, number: number | null, open: boolean): Rendered {
    const rows: Row[] = []
    let stable = 0
    for (const [index, item] of list.items.entries()) {
      if (index > 0 && endsBlank(list.items[index - 1])) rows.push([])
      const isOpen = open && index === list.items.length - 1
      const rendered = renderItem(item, number === null ? null : number + index, context(), isOpen)
      stable = rows.length + rendered.stable
      rows.push(...rendered.rows)
    }
    return { rows, stable }
  }

  function joined(above: Rendered, below: Rendered): Rendered {
    return { rows: [...above.rows, [], ...below.rows], stable: above.rows.length + 1 + below.stable }
  }

  function spaced({ rows, stable }: Rendered, place: ItemPlace): Rendered {
    return isEmpty || place === 'next' ? { rows, stable } : { rows: [[], ...rows], stable: stable + 1 }
  }

  function freeze(part: OpenPart, count: number): number {
    const { rows, stable } =
      part.type === 'line' ? renderLine(part.text) : renderSource(settledSource(part.source), part.continues)
    const sure = skipInk(rows.slice(0, stable), frozenInk).rest
    const shown = openRows(part)
    let agreed = 0
    while (agreed < count && agreed < sure.length && isSame(sure[agreed], shown[agreed])) agreed++
    return giveOut(shown, agreed)
  }

  function forceFreeze(part: OpenPart, count: number): void {
    giveOut(openRows(part), count)
  }

  /** A blank row is given out together with the row after it: skipping counts visible characters. */
  function giveOut(rows: readonly Row[], count: number): number {
    const end = rows.slice(0, count).findLastIndex((row) => rowInk(row) > 0) + 1
    frozenInk += rows.slice(0, end).reduce((sum, row) => sum + rowInk(row), 0)
    if (code) frozenInk -= code.drop(frozenInk, style.width)
    return end
  }

  function isSame(one: Row | undefined, other: Row | undefined): boolean {
    return one !== undefined && other !== undefined && paint(one) === paint(other)
  }

  function context(): BlockContext {
    return { style, width: style.width, depth: 0 }
  }

  function paint(row: Row): string {
    return paintRow(row, style.theme, style.hyperlinks)
  }
}

const NOTHING: Rendered = { rows: [], stable: 0 }

/** The rows after the first `ink` visible characters, and how many characters the rows fell short. */
function skipInk(rows: readonly Row[], ink: number): { readonly rest: readonly Row[]; readonly left: number } {
  let left = ink
  for (const [index, row] of rows.entries()) {
    if (left <= 0) return { rest: rows.slice(index), left: 0 }
    const held = rowInk(row)
    if (held > left) return { rest: rows.slice(index), left: 0 }
    left -= held
  }
  return { rest: [], left }
}

/** The source whose block structure is certain: an unfinished last line counts only when it is plainly text. */
function settledSource(source: string): string {
  const start = source.lastIndexOf('\n') + 1
  return PLAINLY_TEXT.test(source.slice(start)) ? source : source.slice(0, start)
}

const PLAINLY_TEXT = /^[\s>]*(?:(?:[-*+]|\d{1,9}[.)]) +)*[\p{L}\p{N}][^|`]{24}/u
