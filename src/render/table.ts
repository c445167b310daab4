// Tables: side by side where they fit, with narrower columns where they nearly fit, else one record per row.

import type { Tokens } from 'marked'
import { renderInline } from './inline.ts'
import { plainSpan, type Row, rowText, type Span, wrapSpans } from './spans.ts'
import type { RenderStyle } from './style.ts'
import { displayWidth, largest, reservedWidth } from './width.ts'

type Cells = readonly (readonly Span[])[]

const GAP = 3
const MIN_COLUMN = 8

/** The rows of a table in at most `width` columns. */
export function renderTable(token: Tokens.Table, style: RenderStyle, width: number): readonly Row[] {
  const header = token.header.map((cell) => renderInline(cell.tokens, style, ['strong']))
  const body = token.rows.map((row) => row.map((cell) => renderInline(cell.tokens, style)))
  const widths = fitColumns([header, ...body], width)
  if (widths === null) return renderRecords(header, body, width)
  const lines = body.map((cells) => tableLines(cells, widths, token.align))
  const isTall = lines.some((rows) => rows.length > 1)
  const rule = ruleRow(widths)
  const rows = lines.flatMap((row, index) => (isTall && index > 0 ? [rule, ...row] : row))
  return [...tableLines(header, widths, token.align), rule, ...rows]
}

/** Widths of the columns: natural when they fit, else the widest give way first; null when even that is too narrow. */
function fitColumns(rows: readonly Cells[], width: number): readonly number[] | null {
  const natural = (rows[0] ?? []).map((_cell, column) =>
    Math.max(1, largest(rows.map((row) => cellWidth(row[column])))),
  )
  // Cells are padded by what an emoji should take; where it takes more, the line must still fit.
  const slack = largest(rows.map((row) => sum(row.map((cell) => slackOf(rowText(cell))))))
  const room = width - GAP * (natural.length - 1) - slack
  const smallest = natural.map((columns) => Math.min(columns, MIN_COLUMN))
  if (sum(smallest) > room) return null
  const widths = [...natural]
  let excess = sum(widths) - room
  while (excess > 0) {
    const widest = Math.max(...widths)
    const next = Math.max(MIN_COLUMN, ...widths.filter((columns) => columns < widest))
    const count = widths.filter((columns) => columns === widest).length
    const cut = Math.max(1, Math.min(widest - next, Math.ceil(excess / count)))
    for (let column = 0; column < widths.length && excess > 0; column++) {
      if (widths[column] !== widest) continue
      widths[column] = widest - cut
      excess -= cut
    }
  }
  return widths
}

function cellWidth(spans: readonly Span[] | undefined): number {
  const lines = rowText(spans ?? []).split('\n')
  return largest(lines.map(reservedWidth))
}

function slackOf(text: string): number {
  return reservedWidth(text) - displayWidth(text)
}

function tableLines(cells: Cells, widths: readonly number[], align: Tokens.Table['align']): readonly Row[] {
  const columns = widths.map((width, column) => wrapSpans(cells[column] ?? [], width))
  const height = Math.max(1, ...columns.map((rows) => rows.length))
  return Array.from({ length: height }, (_line, index) =>
    columns.flatMap((rows, column): Row => {
      const isLast = column === columns.length - 1
      const padded = pad(rows[index] ?? [], widths[column] ?? 0, align[column] ?? null, isLast)
      return isLast ? padded : [...padded, SEPARATOR]
    }),
  )
}

const SEPARATOR: Span = { text: ' │ ', roles: ['dim'] }

function pad(row: Row, width: number, align: 'center' | 'left' | 'right' | null, isLast: boolean): Row {
  const free = Math.max(0, width - displayWidth(rowText(row)))
  if (align === 'right') return [plainSpan(' '.repeat(free)), ...row]
  const before = align === 'center' ? Math.floor(free / 2) : 0
  const after = isLast ? 0 : free - before
  return [plainSpan(' '.repeat(before)), ...row, plainSpan(' '.repeat(after))]
}

function ruleRow(widths: readonly number[]): Row {
  return [{ text: widths.map((width) => '─'.repeat(width)).join('─┼─'), roles: ['dim'] }]
}

function renderRecords(header: Cells, body: readonly Cells[], width: number): readonly Row[] {
  if (body.length === 0) return header.flatMap((cell) => wrapSpans(cell, width))
  return body.flatMap((cells, index) => {
    const rows = header.flatMap((name, column) => {
      const label = rowText(name) === '' ? [] : [...name, plainSpan(': ')]
      return wrapSpans([...label, ...(cells[column] ?? [])], width)
    })
    return index === 0 ? rows : [[], ...rows]
  })
}

function sum(numbers: readonly number[]): number {
  return numbers.reduce((total, number) => total + number, 0)
}
