// Which inline tokens at the start of a growing paragraph can no longer change, whatever is written after them.

import type { Token } from 'marked'

/** Characters that may begin a construct which a later character completes: emphasis, code, link, formula, table, address. */
const MAY_OPEN = /[*_~`[\]<$\\|&!@]|:\/|www\.|https?/i

/** The settled tokens; empty when the very first may still change. */
export function stableText(tokens: readonly Token[]): readonly Token[] {
  const settled: Token[] = []
  for (const [index, token] of tokens.entries()) {
    if (index === tokens.length - 1) break
    if (token.type !== 'text' && !CLOSED.has(token.type)) break
    if (token.type === 'text' && MAY_OPEN.test(token.raw)) break
    settled.push(token)
  }
  const rest = tokens[settled.length]
  if (rest?.type !== 'text') return settled
  const text = rest.raw.slice(0, rest.raw.search(MAY_OPEN) >>> 0)
  const lines = text.lastIndexOf(' ')
  return lines <= 0
    ? settled
    : [...settled, { ...rest, raw: text.slice(0, lines), text: text.slice(0, lines) } as Token]
}

const CLOSED = new Set(['strong', 'em', 'del', 'codespan', 'math', 'br', 'escape'])
