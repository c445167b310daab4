// Comma-separated values, as spreadsheets read them.

import { sanitizeLine } from '../render/sanitize.ts'

/** Lines of cells, which need not be safe yet: who asks through natter names models and conversations as he likes. */
export function toCsv(lines: readonly (readonly (string | number)[])[]): string {
  return lines.map((line) => `${line.map((cell) => quote(sanitizeLine(String(cell)))).join(',')}\r\n`).join('')
}

/** https://www.rfc-editor.org/rfc/rfc4180; a leading `=` would be a formula to a spreadsheet. */
function quote(cell: string): string {
  const safe = /^[=+\-@]/.test(cell) ? `'${cell}` : cell
  return /[",]/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe
}
