// Tables of commands: columns where they fit side by side, else a short list for each row.

import { cutSpans, plainSpan, rowText, wrapSpans } from './spans.ts'
import { displayWidth, largest, reservedWidth, truncate } from './width.ts'

export interface TableColumn {
  readonly title: string
  readonly align?: 'left' | 'right'
  /** What it does when the table is too wide: its cells are cut with `…`, or go on below. Others keep their width. */
  readonly narrows?: 'cut' | 'fold'
}

export interface FormattedTable {
  /** The titles; null where the rows are lists, which say themselves what their numbers are. */
  readonly head: string | null
  readonly lines: readonly string[]
}

const GAP = '  '
/** The least a column is narrowed to. */
const MIN_WIDTHS = { cut: 8, fold: 16 } as const

/**
 * Aligned columns. `width` is the width of the terminal; null is no terminal: nothing gives way. Cells must be safe
 * already; they may hold colours.
 */
export function formatTable(
  rows: readonly (readonly string[])[],
  columns: readonly TableColumn[],
  width: number | null,
): FormattedTable {
  const titles = columns.map((column) => column.title)
  const natural = columns.map((_column, index) => largest([titles, ...rows].map((row) => cellWidth(row[index] ?? ''))))
  const widths = width === null ? natural : narrow(natural, columns, width)
  if (widths === null) return { head: null, lines: rows.flatMap((row) => formatList(row, columns, width ?? 0)) }
  const [head = '', ...lines] = [titles, ...rows].flatMap((row) => formatRow(row, columns, widths))
  return { head, lines }
}

/** Widths that fit; null where too little would be left of the columns that may give way. */
function narrow(natural: readonly number[], columns: readonly TableColumn[], width: number): readonly number[] | null {
  const widths = [...natural]
  let excess = widths.reduce((sum, column) => sum + column, 0) + GAP.length * (widths.length - 1) - width
  for (const way of ['cut', 'fold'] as const) {
    while (excess > 0) {
      const index = widest(widths, columns, way)
      if (index === -1) break
      widths[index] = (widths[index] ?? 0) - 1
      excess--
    }
  }
  return excess > 0 ? null : widths
}

function widest(widths: readonly number[], columns: readonly TableColumn[], way: 'cut' | 'fold'): number {
  let found = -1
  for (const [index, width] of widths.entries()) {
    const mayNarrow = columns[index]?.narrows === way && width > MIN_WIDTHS[way]
    if (mayNarrow && (found === -1 || width > (widths[found] ?? 0))) found = index
  }
  return found
}

function formatRow(
  row: readonly string[],
  columns: readonly TableColumn[],
  widths: readonly number[],
): readonly string[] {
  const cells = columns.map((column, index) => fitCell(row[index] ?? '', widths[index] ?? 0, column))
  const height = largest(cells.map((lines) => lines.length))
  return Array.from({ length: height }, (_line, line) =>
    columns
      .map((column, index) => {
        const text = cells[index]?.[line] ?? ''
        const padding = ' '.repeat(Math.max(0, (widths[index] ?? 0) - displayWidth(text)))
        return column.align === 'right' ? padding + text : text + padding
      })
      .join(GAP)
      .trimEnd(),
  )
}

/** A cell that gives way loses its colours: a cut must never fall inside a sequence. */
function fitCell(cell: string, width: number, { narrows }: TableColumn): readonly string[] {
  if (cellWidth(cell) <= width) return [cell]
  const text = withoutStyle(cell)
  return narrows === 'fold' ? cutSpans([plainSpan(text)], width).map(rowText) : [truncate(text, width)]
}

/** All cells one after the other, numbers with their titles, and below them what a table would cut. */
function formatList(row: readonly string[], columns: readonly TableColumn[], width: number): readonly string[] {
  const facts: string[] = []
  const texts: string[] = []
  for (const [index, { title, align, narrows }] of columns.entries()) {
    const cell = withoutStyle(row[index] ?? '')
    if (cell === '') continue
    if (narrows === 'cut') texts.push(cell)
    else facts.push(align === 'right' ? `${title} ${cell}` : cell)
  }
  const room = Math.max(1, width - GAP.length)
  const below = texts.flatMap((text) => wrapSpans([plainSpan(text)], room).map(rowText))
  return [...pack(facts, room), ...below].map((line, index) => (index === 0 ? line : GAP + line))
}

/** As many facts in each line as fit whole. */
function pack(facts: readonly string[], room: number): readonly string[] {
  const lines: string[] = []
  for (const fact of facts) {
    const last = lines.at(-1)
    const joined = last === undefined ? fact : last + GAP + fact
    if (reservedWidth(joined) <= room) lines.splice(-1, 1, joined)
    else lines.push(...wrapSpans([plainSpan(fact)], room).map(rowText))
  }
  return lines
}

function cellWidth(cell: string): number {
  return reservedWidth(withoutStyle(cell))
}

function withoutStyle(text: string): string {
  return text.replace(/\x1b\[[0-9;]*m/g, '')
}
