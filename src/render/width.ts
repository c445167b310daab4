// How many columns text takes on a terminal, and cutting it by columns without breaking a character.

import stringWidth from 'string-width'

/** One character as a reader sees it. */
export interface Cell {
  readonly text: string
  /** Columns by the current Unicode rules. */
  readonly width: number
  /** Columns on the most wasteful terminal: some print the parts of a joined emoji side by side. */
  readonly reserve: number
}

const ASCII = /^[\x20-\x7E]*$/
const segmenter = new Intl.Segmenter(undefined, { granularity: 'grapheme' })

/** The visible characters of one line. */
export function toCells(text: string): readonly Cell[] {
  if (ASCII.test(text)) return Array.from(text, narrow)
  return Array.from(segmenter.segment(text), ({ segment }) => toCell(segment))
}

/** Columns by the current Unicode rules; escape sequences count nothing. */
export function displayWidth(text: string): number {
  return stringWidth(text)
}

/** Columns that the text may take at most on any terminal. */
export function reservedWidth(text: string): number {
  if (ASCII.test(text)) return text.length
  return toCells(text).reduce((sum, cell) => sum + cell.reserve, 0)
}

/** The text in at most `width` columns; what was cut off is shown as `…`. */
export function truncate(text: string, width: number): string {
  if (reservedWidth(text) <= width) return text
  let kept = ''
  let used = 1
  for (const cell of toCells(text)) {
    used += cell.reserve
    if (used > width) break
    kept += cell.text
  }
  return width > 0 ? `${kept.trimEnd()}…` : ''
}

const knownCells = new Map<string, Cell>()
const MAX_KNOWN = 4096

function toCell(text: string): Cell {
  const known = knownCells.get(text)
  if (known) return known
  const cell = measure(text)
  if (knownCells.size >= MAX_KNOWN) knownCells.clear()
  knownCells.set(text, cell)
  return cell
}

function narrow(text: string): Cell {
  return knownCells.get(text) ?? toCell(text)
}

function measure(text: string): Cell {
  const width = stringWidth(text)
  const characters = Array.from(text.slice(0, 64))
  const apart = characters.length > 1 ? characters.reduce((sum, character) => sum + stringWidth(character), 0) : width
  return { text, width, reserve: Math.max(width, apart) }
}

/** Not by spreading: a long history has more rows than a call may have arguments. */
export function largest(numbers: readonly number[]): number {
  return numbers.reduce((found, number) => Math.max(found, number), 0)
}
