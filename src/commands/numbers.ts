// Numbers as options take them.

import { NatterError } from '../protocol/errors.ts'

/** A whole number from 1 on. */
export function toCount(value: string): number {
  if (/^[1-9]\d{0,8}$/.test(value)) return Number(value)
  throw new NatterError('usage', `Cannot use "${value}" as a number: it must be a whole number from 1 on`)
}
