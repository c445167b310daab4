// How commands print what they found: JSON for programs, tables and notes for people.

import { formatTable, type TableColumn } from '../render/plain.ts'
import { createSanitizer, sanitizeLine } from '../render/sanitize.ts'
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
  const [head = '', ...lines] = formatTable(safe, columns, width)
  stdout.write(`${[themeOf(context).paint('dim', head), ...lines].join('\n')}\n`)
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
