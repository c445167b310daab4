// What is shown of a match: FTS5 counts words, and one word may be megabytes long.

/** In UTF-16 units, without the marks of matches and the dots where it was cut. */
const LENGTH_MAX = 200
/** Of these, so many may come before the first match. */
const BEFORE_MAX = 60

/** About 200 characters around the first match. Each match stays between U+0002 and U+0003. */
export function cutSnippet(snippet: string): string {
  if (snippet.length <= LENGTH_MAX) return snippet
  const first = Math.max(0, snippet.indexOf('\x02'))
  const start = toBoundary(snippet, Math.max(0, Math.min(first - BEFORE_MAX, snippet.length - LENGTH_MAX)))
  const end = toBoundary(snippet, Math.min(snippet.length, start + LENGTH_MAX))
  const piece = snippet.slice(start, end)
  const close = piece.lastIndexOf('\x02') > piece.lastIndexOf('\x03') ? '\x03' : ''
  return `${start > 0 ? '…' : ''}${piece}${close}${end < snippet.length ? '…' : ''}`
}

/** Not between the halves of a surrogate pair. */
function toBoundary(text: string, index: number): number {
  const isHalf = /[\uDC00-\uDFFF]/.test(text.charAt(index)) && /[\uD800-\uDBFF]/.test(text.charAt(index - 1))
  return isHalf ? index - 1 : index
}
