// Styled text before it becomes a terminal line: wrapping it to a width and painting it with our own sequences only.

import { sanitize } from './sanitize.ts'
import type { Role, Theme } from './theme.ts'
import { type Cell, toCells } from './width.ts'

export interface Span {
  readonly text: string
  readonly roles: readonly Role[]
  /** Where a click leads; only addresses made by `toLinkTarget()`. */
  readonly href?: string | undefined
}

/** One line of the screen. */
export type Row = readonly Span[]

export interface WrapOptions {
  /** A word that is wider than the row is not broken, though the row becomes too wide. */
  readonly keepWords?: boolean
}

/** The spans broken into rows of at most `width` columns, at spaces and between CJK characters where possible. */
export function wrapSpans(spans: readonly Span[], width: number, options: WrapOptions = {}): readonly Row[] {
  const pieces = toPieces(spans)
  const rows: Row[] = []
  let start = 0
  let used = 0
  let breakAt = -1
  for (let index = 0; index < pieces.length; index++) {
    const piece = pieces[index] as Piece
    if (piece.cell.text === '\n') {
      rows.push(toRow(pieces, start, index))
      start = index + 1
      used = 0
      breakAt = -1
      continue
    }
    if (index > start && canBreakBefore(pieces[index - 1] as Piece, piece)) breakAt = index
    while (used + piece.cell.reserve > width && index > start && piece.cell.text !== ' ') {
      if (options.keepWords === true && breakAt <= start) break
      const end = breakAt > start ? breakAt : index
      rows.push(toRow(pieces, start, end))
      start = skipSpaces(pieces, end, index)
      used = 0
      for (let kept = start; kept < index; kept++) used += (pieces[kept] as Piece).cell.reserve
      breakAt = -1
    }
    used += piece.cell.reserve
  }
  rows.push(toRow(pieces, start, pieces.length))
  return rows
}

/** The spans of one source line cut into rows of at most `width` columns, blanks kept: for code. */
export function cutSpans(spans: readonly Span[], width: number): readonly Row[] {
  const rows: Row[] = []
  const pieces = toPieces(spans)
  let start = 0
  let used = 0
  for (let index = 0; index < pieces.length; index++) {
    const { reserve } = (pieces[index] as Piece).cell
    if (used + reserve > width && index > start) {
      rows.push(toRow(pieces, start, index, true))
      start = index
      used = 0
    }
    used += reserve
  }
  rows.push(toRow(pieces, start, pieces.length, true))
  return rows
}

/** A terminal line: every sequence in it is ours, and it leaves colours and links as it found them. */
export function paintRow(row: Row, theme: Theme, hyperlinks: boolean): string {
  let line = ''
  for (const span of row) {
    const text = sanitize(span.text).replace(/[\n\t]/g, ' ')
    const on = theme.sgr(span.roles)
    const painted = on === '' || text === '' ? text : `\x1b[${on}m${text}\x1b[0m`
    line += span.href !== undefined && hyperlinks ? `\x1b]8;;${span.href}\x1b\\${painted}\x1b]8;;\x1b\\` : painted
  }
  return line
}

/** How many visible characters a row holds: a measure of text that does not depend on where lines are broken. */
export function rowInk(row: Row): number {
  return row.reduce((sum, span) => sum + span.text.replace(/\s+/g, '').length, 0)
}

/** The same for rows. */
export function inkOf(rows: readonly Row[]): number {
  return rows.reduce((sum, row) => sum + rowInk(row), 0)
}

/** The row without its first visible characters. */
export function dropInk(row: Row, ink: number): Row {
  if (ink === 0) return row
  let left = ink
  return row.flatMap((span) => {
    if (left === 0) return [span]
    const held = rowInk([span])
    const text = held <= left ? '' : dropCharacters(span.text, left)
    left = Math.max(0, left - held)
    return text === '' ? [] : [{ ...span, text }]
  })
}

function dropCharacters(text: string, ink: number): string {
  let index = 0
  for (let left = ink; left > 0; index++) if (/\S/.test(text.charAt(index))) left--
  return text.slice(index)
}

/** The characters of a row without any style. */
export function rowText(row: Row): string {
  return row.map((span) => span.text).join('')
}

export function plainSpan(text: string): Span {
  return { text, roles: [] }
}

interface Piece {
  readonly cell: Cell
  readonly span: Span
}

function toPieces(spans: readonly Span[]): readonly Piece[] {
  const pieces: Piece[] = []
  for (const span of spans) {
    for (const [index, line] of span.text.split('\n').entries()) {
      if (index > 0) pieces.push({ cell: LINE_END, span })
      for (const cell of toCells(line.replaceAll('\t', ' '))) pieces.push({ cell, span })
    }
  }
  return pieces
}

const LINE_END: Cell = { text: '\n', width: 0, reserve: 0 }
const NEVER_FIRST = /^[\p{Pe}\p{Pf}\p{Mn}、。，．！？：；・ー々…‥.,!?:;%’”]/u
const NEVER_LAST = /^[\p{Ps}\p{Pi}]/u

function canBreakBefore(previous: Piece, next: Piece): boolean {
  if (previous.cell.text === ' ') return next.cell.text !== ' '
  if (previous.cell.width < 2 && next.cell.width < 2) return false
  return next.cell.text !== ' ' && !NEVER_FIRST.test(next.cell.text) && !NEVER_LAST.test(previous.cell.text)
}

function skipSpaces(pieces: readonly Piece[], from: number, to: number): number {
  let index = from
  while (index < to && pieces[index]?.cell.text === ' ') index++
  return index
}

function toRow(pieces: readonly Piece[], start: number, end: number, keepBlanks = false): Row {
  let last = end
  if (!keepBlanks) while (last > start && pieces[last - 1]?.cell.text === ' ') last--
  const row: Span[] = []
  let index = start
  while (index < last) {
    const { span } = pieces[index] as Piece
    let text = ''
    while (index < last && pieces[index]?.span === span) text += pieces[index++]?.cell.text
    row.push(text === span.text ? span : { ...span, text })
  }
  return row
}
