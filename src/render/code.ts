// A code block on the screen: a rule with the language, the lines at the left edge so that they can be copied, a rule.

import { highlight } from './highlight.ts'
import { cutSpans, type Row } from './spans.ts'
import { truncate } from './width.ts'

/** The row above the code. */
export function codeStart(language: string | null, width: number): Row {
  return [{ text: truncate(language === null ? RULE : `${RULE} ${language}`, width), roles: ['dim'] }]
}

/** The row below the code. */
export function codeEnd(): Row {
  return [{ text: RULE, roles: ['dim'] }]
}

/** A whole code block. */
export function renderCode(text: string, language: string | null, width: number): readonly Row[] {
  const { lines } = highlight(text.split('\n'), language)
  return [codeStart(language, width), ...lines.flatMap((line) => cutSpans(line, width)), codeEnd()]
}

const RULE = '──'
