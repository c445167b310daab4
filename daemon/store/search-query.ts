// What people type, as queries that FTS5 cannot misread: every term stands in quotes, so none is an operator.

export interface SearchQuery {
  /** All terms are required, in any order; "quoted words" stand side by side. */
  readonly exact: string
  /** The same with the last word half typed; null where it is finished, or too short to say anything. */
  readonly open: string | null
  /** Any of the words, to rank what was found. */
  readonly words: string
}

/** More than these find nothing better and cost more. */
const TERMS_MAX = 12
/** Each of these costs a count of all its matches: measured 5 ms for a common word among 100,000 messages. */
const RANKING_WORDS_MAX = 4

/** What the tokenizer unicode61 keeps: letters, numbers, private use; marks belong to the letter before. */
const WORD = /[\p{L}\p{N}\p{Co}\p{M}]+/gu

/** Null where nothing in it can be searched for. */
export function toSearchQuery(text: string): SearchQuery | null {
  const clean = text.toWellFormed().replaceAll('\0', ' ')
  const terms = [...clean.matchAll(/"([^"]*)"?|[^\s"]+/g)]
    .map(([whole, phrase]) => ({ text: phrase ?? whole, isPhrase: phrase !== undefined }))
    .filter((term) => /[\p{L}\p{N}\p{Co}]/u.test(term.text))
    .slice(0, TERMS_MAX)
  const last = terms.at(-1)
  if (last === undefined) return null
  const exact = terms.map((term) => `"${term.text}"`).join(' ')
  const words = terms.flatMap((term) => term.text.match(WORD) ?? []).slice(0, RANKING_WORDS_MAX)
  return {
    exact,
    open: !last.isPhrase && clean.endsWith(last.text) && isPrefix(last.text) ? `${exact} *` : null,
    words: words.map((word) => `"${word}"`).join(' OR '),
  }
}

/** One Latin letter begins half of all words; one ideograph is a word. */
function isPrefix(term: string): boolean {
  const last = term.match(WORD)?.at(-1) ?? ''
  return term.endsWith(last) && (last.length > 1 || last > '\x7f')
}
