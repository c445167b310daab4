// Where a text may be cut.

/** The end at or before `end` that leaves no half of a character: UTF-16 writes some as two. */
export function wholeEnd(text: string, end: number): number {
  const isHalf = end < text.length && /[\uD800-\uDBFF]/.test(text.charAt(end - 1))
  return isHalf ? end - 1 : end
}
