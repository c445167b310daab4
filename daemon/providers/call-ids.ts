// Names for calls of tools, where a vendor gives none or gives one twice.

import { randomBytes } from 'node:crypto'

/** Short enough for every vendor (OpenAI: 40 characters), of letters that every vendor takes. */
export function newCallId(): string {
  return `call_${randomBytes(12).toString('hex')}`
}
