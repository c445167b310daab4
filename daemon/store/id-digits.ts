// References by the first or last digits of an id, as people type them.

import type { IdKind } from '../../src/protocol/ids.ts'

/** Of each id, after its prefix. */
const DIGITS = 32

/** The digits of a reference, four or more, lower case; null where it is none. A prefix must be of these kinds. */
export function digitsOf(reference: string, kinds: readonly IdKind[]): string | null {
  const match = /^(?:([a-z]{3})_)?([0-9a-f]{4,32})$/.exec(reference.trim().toLowerCase())
  const [, prefix, digits] = match ?? []
  if (digits === undefined) return null
  return prefix === undefined || kinds.some((kind) => kind === prefix) ? digits : null
}

/** Where the last digits of an id begin, counted from one as SQL does. */
export function endPosition(kind: IdKind, digits: string): number {
  return `${kind}_`.length + DIGITS - digits.length + 1
}

/** Ids that begin with the digits: from the first, inclusive, to the second, exclusive ("g" follows "f"). */
export function digitsRange(kind: IdKind, digits: string): readonly [from: string, to: string] {
  return [`${kind}_${digits}`, `${kind}_${digits}g`]
}
