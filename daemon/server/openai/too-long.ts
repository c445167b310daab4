// Texts that are longer than one may be.

import { BadRequest } from './errors.ts'

export interface LongText {
  /** Where it stands in the request; null: in no one place. */
  readonly param: string | null
  /** How to call it. */
  readonly what: string
  /** What to do about it. */
  readonly hint?: string
}

/** Throws where it has more characters than that. */
export function checkLength(text: string, most: number, { param, what, hint = 'Send less' }: LongText): void {
  if (text.length <= most) return
  throw new BadRequest(`Cannot answer: ${what} has ${text.length} characters, and may have ${most}`, {
    ...(param === null ? {} : { param }),
    code: 'string_above_max_length',
    hint,
  })
}
