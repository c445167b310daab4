// Markdown to tokens with marked, set so that a block never depends on text that comes after it: a stream can show it at once.

import { Marked, type Token, type Tokens } from 'marked'
import { closesFence, openFence, takeIndent } from './fence.ts'

export interface MathToken {
  readonly type: 'math'
  readonly raw: string
  readonly text: string
}

/**
 * Tokens of whole blocks, inline content included; their `raw` joined together is the source. Null for text nested so
 * deeply that it is no document but an attack on the reader.
 */
export function lexBlocks(source: string): readonly Token[] | null {
  if (TOO_DEEP.test(source)) return null
  try {
    return new markdown.Lexer(markdown.defaults).lex(source)
  } catch (error) {
    // Nesting of another kind ran out of stack.
    if (error instanceof RangeError) return null
    throw error
  }
}

/** Sixty markers of quotes and lists at the start of a line, or what sixty levels of lists take as indentation. */
const TOO_DEEP = /^(?:[ \t]*(?:>|(?:[-*+]|\d{1,9}[.)])[ \t])){60}|^[ \t]{120}[ \t]*(?:[-*+]|\d{1,9}[.)])[ \t]/m

/** A top-level fenced code block, as opposed to an indented one. */
export function isFence(token: Token | undefined): token is Tokens.Code {
  return token?.type === 'code' && token['codeBlockStyle'] !== 'indented'
}

/** Dollar signs are mostly money: what stands between two counts as a formula only when it looks like one. */
const FORMULA = /[\\^_={}]|^[a-zA-Z]$/
const MATH = [
  /^\\\(((?:[^\\\n]|\\(?!\)))+)\\\)/,
  /^\\\[((?:[^\\]|\\(?!\]))+)\\\]/,
  /^\$\$((?:[^$\\]|\\[\s\S])+)\$\$/,
  /^\$(?![\s$])((?:[^$\\\n]|\\[^\n])+)(?<!\s)\$(?![\d$])/,
]
const MAX_FORMULA = 2000

/**
 * Turned off: setext headings (a line of dashes under text would change the text above it), link reference definitions
 * (a later one would change earlier text), HTML blocks (tags are shown as text).
 */
const markdown = new Marked({
  gfm: true,
  tokenizer: {
    lheading: () => undefined,
    def: () => undefined,
    html: () => undefined,
    reflink: () => undefined,
    tag: () => undefined,
    fences: readFence,
  },
  extensions: [
    {
      name: 'math',
      level: 'inline',
      start: (source) => {
        const index = source.search(/\$|\\[([]/)
        return index === -1 ? undefined : index
      },
      tokenizer: (source) => matchMath(source),
    },
  ],
})

/** Fenced code by the same rules as everywhere else in this folder. */
function readFence(source: string): Tokens.Code | undefined {
  const first = source.split('\n', 1)[0] ?? ''
  const fence = openFence(first)
  if (fence === null) return undefined
  const lines: string[] = []
  let end = first.length
  while (end < source.length) {
    const newline = source.indexOf('\n', end + 1)
    const line = source.slice(end + 1, newline === -1 ? source.length : newline)
    // A line end at the very end of the text begins no line.
    if (line === '' && newline === -1) return toCode(source, fence.info, lines)
    end += line.length + 1
    if (closesFence(line, fence)) break
    lines.push(takeIndent(line, fence.indent))
  }
  return toCode(source.slice(0, end), fence.info, lines)
}

function toCode(raw: string, lang: string, lines: readonly string[]): Tokens.Code {
  return { type: 'code', raw, lang, text: lines.join('\n') }
}

function matchMath(source: string): MathToken | undefined {
  const head = source.slice(0, MAX_FORMULA)
  for (const [index, pattern] of MATH.entries()) {
    const match = pattern.exec(head)
    const text = match?.[1]
    if (match && text !== undefined && (index < MATH.length - 1 || FORMULA.test(text))) {
      return { type: 'math', raw: match[0], text }
    }
  }
  return undefined
}
