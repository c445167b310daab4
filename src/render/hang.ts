// Text that goes on below itself, beside the label in front of it.

import { plainSpan, type Row, rowText, type Span, wrapSpans } from './spans.ts'
import { displayWidth } from './width.ts'

/** How much further than its label a text is indented that stands below it. */
const STEP = 2
/** With less room beside its label a text goes below it. */
const ROOM = 24

/**
 * Rows of at most `width` columns, but for words that are longer and stay whole, so that a path can be copied. Where the
 * label leaves too little room, it stands above.
 */
export function hang(label: Row, text: Row, width: number): readonly Row[] {
  const name = rowText(label)
  const columns = displayWidth(name)
  if (name.trim() === '' || width - columns >= ROOM) return beside(label, blanks(columns), wrap(text, width - columns))
  const lead = name.length - name.trimStart().length
  const [first, ...rest] = label
  const bare = first === undefined ? [] : [{ ...first, text: first.text.trimStart() }, ...rest]
  const [edge, deeper] = [blanks(lead + STEP), blanks(lead + 2 * STEP)]
  return [
    ...beside([blanks(lead)], deeper, wrap(bare, width - lead - 2 * STEP)),
    ...beside([edge], edge, wrap(text, width - lead - STEP)),
  ]
}

function wrap(text: Row, width: number): readonly Row[] {
  return wrapSpans(text, Math.max(1, width), { keepWords: true })
}

function beside(first: Row, others: Span, rows: readonly Row[]): readonly Row[] {
  return rows.map((row, index): Row => (index === 0 ? [...first, ...row] : [others, ...row]))
}

function blanks(columns: number): Span {
  return plainSpan(' '.repeat(columns))
}
