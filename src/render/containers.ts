// Quotes and list items as CommonMark opens and continues them, line by line: https://spec.commonmark.org/0.31.2/#container-blocks

/** A quote, or a list item with the columns its content is indented by. */
export type Container =
  | { readonly type: 'quote' }
  | { readonly type: 'item'; readonly indent: number; readonly isEmpty: boolean }

export interface Continued {
  /** How many of the containers hold this line. */
  readonly count: number
  /** The line without their marks. */
  readonly rest: string
}

export interface Opened {
  readonly container: Container
  readonly rest: string
}

/** Which of the open containers a line continues. */
export function continueContainers(line: string, containers: readonly Container[]): Continued {
  let rest = line
  for (const [count, container] of containers.entries()) {
    const next = continueOne(rest, container)
    if (next === null) return { count, rest }
    rest = next
  }
  return { count: containers.length, rest }
}

function continueOne(line: string, container: Container): string | null {
  if (container.type === 'quote') return stripQuote(line)
  if (line.trim() === '') return container.isEmpty ? null : dropColumns(line, container.indent)
  return indentOf(line) >= container.indent ? dropColumns(line, container.indent) : null
}

/**
 * The container that a line begins, or null. Inside a paragraph only some lists may begin: with a bullet or the number
 * one, and with text.
 */
export function beginContainer(line: string, inParagraph: boolean): Opened | null {
  const quoted = stripQuote(line)
  if (quoted !== null) return { container: { type: 'quote' }, rest: quoted }
  const match = ITEM.exec(line)
  if (match === null || isRule(line)) return null
  const [marker = '', , number, after = ''] = match
  const before = marker.length - after.length
  const text = expandIndent(after, before)
  const isEmpty = text.trim() === ''
  if (inParagraph && (isEmpty || (number !== undefined && Number(number) !== 1))) return null
  const spaces = indentOf(text)
  const gap = isEmpty || spaces > 4 ? 1 : spaces
  return { container: { type: 'item', indent: before + gap, isEmpty }, rest: isEmpty ? '' : text.slice(gap) }
}

/** A heading or a horizontal rule: one line that ends a paragraph. */
export function isHeadingOrRule(line: string): boolean {
  return /^ {0,3}#{1,6}(?:\s|$)/.test(line) || isRule(line)
}

/** How many columns of blanks a line begins with; a tab reaches to the next fourth column. */
export function indentOf(line: string): number {
  const expanded = expandIndent(line, 0)
  return expanded.length - expanded.trimStart().length
}

/** The line without its first columns, which must be blank; what is left of a tab becomes spaces. */
export function dropColumns(line: string, columns: number): string {
  const blanks = /^[ \t]*/.exec(line)?.[0] ?? ''
  let used = 0
  let index = 0
  while (index < blanks.length && used < columns) {
    used += blanks.charAt(index) === '\t' ? TAB - (used % TAB) : 1
    index++
  }
  return ' '.repeat(Math.max(0, used - columns)) + line.slice(index)
}

const TAB = 4
const ITEM = /^ {0,3}([-*+]|(\d{1,9})[.)])([ \t].*|$)/s

function expandIndent(line: string, column: number): string {
  const blanks = /^[ \t]*/.exec(line)?.[0] ?? ''
  if (!blanks.includes('\t')) return line
  let used = column
  for (const character of blanks) used += character === '\t' ? TAB - (used % TAB) : 1
  return ' '.repeat(used - column) + line.slice(blanks.length)
}

function isRule(line: string): boolean {
  return /^ {0,3}(?:(?:-[ \t]*){3,}|(?:_[ \t]*){3,}|(?:\*[ \t]*){3,})$/.test(line)
}

function stripQuote(line: string): string | null {
  const mark = /^ {0,3}> ?/.exec(line)
  return mark === null ? null : line.slice(mark[0].length)
}
