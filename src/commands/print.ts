// How commands print what they found: JSON for programs, tables and notes for people.

import { formatTable, type TableColumn } from '../render/columns.ts'
import { hang } from '../render/hang.ts'
import { createSanitizer, sanitizeLine } from '../render/sanitize.ts'
import { paintRow, plainSpan, type Row } from '../render/spans.ts'
import { widthFor } from '../render/style.ts'
import { detectTerminal, type Terminal } from '../render/terminal.ts'
import { createTheme, type Theme } from '../render/theme.ts'
import type { CommandContext } from './context.ts'

type Output = Pick<CommandContext, 'stdout' | 'env'>

/** Characters that JSON lets through though a terminal may act on them. */
const LIVE = /[\x7f-\x9f\p{Cf}\u2028\u2029]/gu

/** One value, indented; on a terminal nothing in it can act. */
export function writeJson({ stdout }: Output, value: unknown): void {
  const json = JSON.stringify(value, null, 2)
  stdout.write(`${stdout.isTTY === true ? json.replace(LIVE, toEscape) : json}\n`)
}

/** A table of cells that need not be safe yet; a terminal's width is kept. */
export function writeTable(
  context: Output,
  rows: readonly (readonly string[])[],
  columns: readonly TableColumn[],
): void {
  const { stdout } = context
  const width = stdout.isTTY === true ? terminalOf(context).columns : null
  const safe = rows.map((row) => row.map(sanitizeLine))
  const { head, lines } = formatTable(safe, columns, width)
  const titles = head === null ? [] : [themeOf(context).paint('dim', head)]
  stdout.write(`${[...titles, ...lines].join('\n')}\n`)
}

/** Names and what is said of them, one below the other. */
export function writeFacts(context: Output, facts: readonly (readonly [name: string, value: string])[]): void {
  const columns = Math.max(...facts.map(([name]) => name.length)) + 2
  const width = textWidth(context)
  writeRows(
    context,
    facts.flatMap(([name, value]) => hang([plainSpan(name.padEnd(columns))], [plainSpan(sanitizeLine(value))], width)),
  )
}

/** Lines of text in their colours, which need not be safe yet. */
export function writeRows(context: Output, rows: readonly Row[]): void {
  const theme = themeOf(context)
  context.stdout.write(rows.map((row) => `${paintRow(row, theme, false)}\n`).join(''))
}

/** The columns that text may take; without a terminal there is no end of them. */
export function textWidth(context: Output): number {
  return context.stdout.isTTY === true ? widthFor(terminalOf(context).columns) : Number.POSITIVE_INFINITY
}

/** Text as it is stored where bytes count, and harmless where a terminal reads it. */
export function writeText({ stdout }: Output, text: string): void {
  if (stdout.isTTY !== true) {
    stdout.write(text)
    return
  }
  const sanitizer = createSanitizer()
  stdout.write(sanitizer.push(text) + sanitizer.end())
}

export function terminalOf({ stdout, env }: Output): Terminal {
  return detectTerminal({ env, isTTY: stdout.isTTY === true, columns: stdout.columns, rows: stdout.rows })
}

export function themeOf(context: Output): Theme {
  return createTheme(terminalOf(context))
}

/** `1 message`, `2 messages`. */
export function count(number: number, one: string, many = `${one}s`): string {
  return `${number} ${number === 1 ? one : many}`
}

function toEscape(characters: string): string {
  return Array.from(
    characters,
    (_character, index) => `\\u${characters.charCodeAt(index).toString(16).padStart(4, '0')}`,
  ).join('')
}
