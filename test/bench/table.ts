// Tables as text: the first column to the left, figures to the right.

import { isMet, type Table, type Target } from './bench.ts'

export function showTable({ title, rows }: Table): string {
  const [head = [], ...body] = rows
  const widths = head.map((_, column) => Math.max(...rows.map((row) => row[column]?.length ?? 0)))
  const line = (row: readonly string[]) =>
    row
      .map((cell, column) => pad(cell, widths[column] ?? 0, column))
      .join('  ')
      .trimEnd()
  return [title, line(head), widths.map((width) => '-'.repeat(width)).join('  '), ...body.map(line)].join('\n')
}

export function showTargets(targets: readonly Target[]): string {
  return showTable({
    title: 'Targets',
    rows: [
      ['', 'measured', 'target', ''],
      ...targets.map((target) => [
        target.name,
        `${target.value.toFixed(2)} ${target.unit}`,
        `${target.kind === 'max' ? '≤' : '≥'} ${target.limit} ${target.unit}`,
        isMet(target) ? 'met' : 'MISSED',
      ]),
    ],
  })
}

function pad(cell: string, width: number, column: number): string {
  return column === 0 ? cell.padEnd(width) : cell.padStart(width)
}
