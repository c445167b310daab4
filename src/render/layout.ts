// Lays final pieces and the open part out as terminal lines below one another, leaving out what was given out early.

import type { Tokens } from 'marked'
import type { Continues, ItemPlace, OpenPart, Piece } from './block-reader.ts'
import { type BlockContext, type Rendered, renderBlock, renderBlockTokens, renderItem } from './blocks.ts'
import { codeEnd, codeStart } from './code.ts'
import { type CodeLines, createCodeLines } from './code-lines.ts'
import { heal } from './heal.ts'
import { lexBlocks } from './lexer.ts'
import { endsBlank } from './list-marker.ts'
import { dropInk, inkOf, paintRow, type Row, rowInk } from './spans.ts'
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
  /** Whether the code that is being laid out can be coloured, as far as it ever can. */
  isReady(): boolean
  restyle(style: RenderStyle): void
}

/** Long code is given out in portions, since colouring looks at all lines that are kept. */
const MAX_CODE_LINES = 400

/** Starts at the top of an empty text. */
export function createLayout(initial: RenderStyle): Layout {
  let style = initial
  let isEmpty = true
  let code: CodeLines | null = null
  let frozen = NOTHING_GIVEN
  return { add, open, freeze, forceFreeze, isReady: () => code?.isReady() ?? true, restyle: (next) => (style = next) }

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
        return endCode()
    }
  }

  function takeCode(): readonly Row[] {
    const rows = code?.rows(style.width).complete ?? []
    code?.drop(Number.POSITIVE_INFINITY)
    return settle(rows)
  }

  function endCode(): readonly Row[] {
    const rows = [...takeCode(), codeEnd()]
    code = null
    return rows
  }

  function settle(rows: readonly Row[]): readonly Row[] {
    const { rest, left } = leaveOut(rows, frozen)
    frozen = left
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
    return leaveOut(rows, frozen).rest
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
    const sure = leaveOut(rows.slice(0, stable), frozen).rest
    const shown = openRows(part)
    let agreed = 0
    while (agreed < count && agreed < sure.length && isSame(sure[agreed], shown[agreed])) agreed++
    return giveOut(shown, agreed)
  }

  function forceFreeze(part: OpenPart, count: number): void {
    giveOut(openRows(part), count)
  }

  function giveOut(rows: readonly Row[], count: number): number {
    const given = rows.slice(0, count)
    const blanks = given.length - 1 - given.findLastIndex((row) => rowInk(row) > 0)
    const ink = inkOf(given)
    frozen = { ink: frozen.ink + ink, blanks: ink === 0 ? frozen.blanks + blanks : blanks }
    if (code) frozen = { ...frozen, ink: frozen.ink - code.drop(frozen.ink) }
    return given.length
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

/**
 * What was given out of text that is laid out again: so many visible characters, then so many blank rows. Counted in
 * characters, it holds for any width.
 */
interface GivenOut {
  readonly ink: number
  readonly blanks: number
}

const NOTHING_GIVEN: GivenOut = { ink: 0, blanks: 0 }

/** The rows after those that were given out, and what still is to be left out of the rows after these. */
function leaveOut(rows: readonly Row[], given: GivenOut): { readonly rest: readonly Row[]; readonly left: GivenOut } {
  let { ink, blanks } = given
  for (const [index, row] of rows.entries()) {
    const held = rowInk(row)
    const isGiven = held === 0 ? ink > 0 || blanks > 0 : held <= ink
    if (!isGiven) return { rest: [dropInk(row, ink), ...rows.slice(index + 1)], left: NOTHING_GIVEN }
    if (held === 0 && ink === 0) blanks--
    ink -= held
  }
  return { rest: [], left: { ink, blanks } }
}

/** The source whose block structure is certain: an unfinished last line counts only when it is plainly text. */
function settledSource(source: string): string {
  const start = source.lastIndexOf('\n') + 1
  return PLAINLY_TEXT.test(source.slice(start)) ? source : source.slice(0, start)
}

const PLAINLY_TEXT = /^[\s>]*(?:(?:[-*+]|\d{1,9}[.)]) +)*[\p{L}\p{N}][^|`]{24}/u
