// Source code to coloured rows with Prism; without a grammar, or where colouring would be slow, the code is plain.

import type * as Prism from 'prismjs'
import { type Grammar, grammarOf } from './languages.ts'
import type { Span } from './spans.ts'
import type { Role } from './theme.ts'

export interface Highlighted {
  /** The spans of each line. */
  readonly lines: readonly (readonly Span[])[]
  /** The last line, at most `lines.length`, that begins outside of any construct: colouring may start afresh there. */
  readonly restart: (before: number) => number
}

const MAX_CODE = 64_000
const MAX_LINE = 2000

/** Colours lines of code. Tabs become spaces up to the next fourth column. */
export function highlight(source: readonly string[], language: string | null): Highlighted {
  const lines = source.map(expandTabs)
  const grammar = grammarOf(language)
  const tokens = grammar ? tokenize(lines, grammar) : null
  if (tokens === null) return { lines: lines.map((text) => [{ text, roles: [] }]), restart: (before) => before }
  const rows: Span[][] = [[]]
  const starts = [0]
  for (const token of tokens) {
    const known = rows.length
    appendToken(rows, token, null)
    // A token that spans lines is one construct; only in the text between tokens does a line begin outside.
    if (typeof token === 'string') for (let line = known; line < rows.length; line++) starts.push(line)
  }
  return { lines: rows, restart: (before) => starts.findLast((start) => start <= before) ?? 0 }
}

/** Tabs as spaces, each up to the next multiple of four characters. */
function expandTabs(line: string): string {
  if (!line.includes('\t')) return line
  let expanded = ''
  for (const [index, part] of line.split('\t').entries()) {
    if (index > 0) expanded += ' '.repeat(TAB - (expanded.length % TAB))
    expanded += part
  }
  return expanded
}

const TAB = 4

type PrismToken = string | Prism.Token

function tokenize(lines: readonly string[], { prism, grammar }: Grammar): readonly PrismToken[] | null {
  if (lines.some((line) => line.length > MAX_LINE)) return null
  const code = lines.join('\n')
  if (code.length > MAX_CODE) return null
  try {
    return prism.tokenize(code, grammar)
  } catch {
    // A grammar that gives up on odd code must not cost the code.
    return null
  }
}

function appendToken(rows: Span[][], token: PrismToken, role: Role | null): void {
  if (typeof token === 'string') {
    appendText(rows, token, role)
    return
  }
  const inner = roleOf(token) ?? role
  const { content } = token
  const children = Array.isArray(content) ? content : [content]
  for (const child of children) appendToken(rows, child, inner)
}

function appendText(rows: Span[][], text: string, role: Role | null): void {
  for (const [index, part] of text.split('\n').entries()) {
    if (index > 0) rows.push([])
    if (part !== '') rows.at(-1)?.push({ text: part, roles: role === null ? [] : [role] })
  }
}

function roleOf(token: Prism.Token): Role | undefined {
  const aliases = Array.isArray(token.alias) ? token.alias : [token.alias]
  return ROLES.get(token.type) ?? aliases.map((alias) => ROLES.get(alias)).find((role) => role !== undefined)
}

const ROLES: ReadonlyMap<string, Role> = new Map(
  Object.entries<Role>({
    comment: 'comment',
    prolog: 'comment',
    doctype: 'comment',
    cdata: 'comment',
    shebang: 'comment',
    keyword: 'keyword',
    'control-flow': 'keyword',
    atrule: 'keyword',
    rule: 'keyword',
    important: 'keyword',
    string: 'string',
    char: 'string',
    'attr-value': 'string',
    'template-string': 'string',
    'triple-quoted-string': 'string',
    'string-interpolation': 'string',
    url: 'string',
    regex: 'string',
    number: 'number',
    boolean: 'number',
    constant: 'number',
    symbol: 'number',
    function: 'function',
    'function-name': 'function',
    'class-name': 'type',
    builtin: 'type',
    namespace: 'type',
    type: 'type',
    tag: 'keyword',
    selector: 'keyword',
    property: 'property',
    'attr-name': 'property',
    key: 'property',
    variable: 'property',
    annotation: 'property',
    decorator: 'property',
    inserted: 'inserted',
    'inserted-sign': 'inserted',
    deleted: 'deleted',
    'deleted-sign': 'deleted',
    coord: 'comment',
    title: 'heading',
    bold: 'strong',
    italic: 'emphasis',
    interpolation: 'property',
  }),
)
