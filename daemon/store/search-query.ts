// What people type, as a query that FTS5 cannot misread.

/** More words than this find nothing better and cost more. */
const TERMS_MAX = 16

/**
 * Words are all required, in any order; "quoted words" stand side by side; the last word may be half typed.
 * Null where nothing in it can be searched for. Every term goes in quotes, so none is an operator.
 */
export function toSearchQuery(text: string): string | null {
  const clean = text.toWellFormed().replaceAll('\0', ' ')
  const terms = [...clean.matchAll(/"([^"]*)"?|([^\s"]+)/g)]
    .map(([, phrase, word]) => ({ text: phrase ?? word ?? '', isPhrase: phrase !== undefined }))
    .filter((term) => hasWord(term.text))
    .slice(0, TERMS_MAX)
  if (terms.length === 0) return null
  const open = !/["\s]$/.test(clean)
  return terms.map((term, index) => quote(term.text, open && index === terms.length - 1 && !term.isPhrase)).join(' ')
}

function quote(term: string, isOpen: boolean): string {
  return isOpen && isPrefix(term) ? `"${term}" *` : `"${term}"`
}

/** One Latin letter begins half of all words; one ideograph is a word. */
function isPrefix(term: string): boolean {
  const last = term.match(/[\p{L}\p{N}\p{Co}\p{M}]+$/u)?.[0] ?? ''
  return last.length > 1 || /[^\0-\x7f]/.test(last)
}

/** What the tokenizer unicode61 keeps: letters, numbers, private use. */
function hasWord(text: string): boolean {
  return /[\p{L}\p{N}\p{Co}]/u.test(text)
}
