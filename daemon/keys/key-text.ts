// What can be a key at all, and what of it may be shown.

import { NatterError } from '../../src/protocol/errors.ts'

const KEY_CHARS_MAX = 10_000
/** Shorter keys show nothing, since four characters would be too much of them. */
const SHOWN_FROM_CHARS = 12

/** The key without what a terminal or an editor put around it; throws `invalid-request`, never showing it. */
export function checkKey(provider: string, text: string): string {
  const key = text.trim()
  if (key === '') throw refused(provider, 'it is empty')
  if (key.length > KEY_CHARS_MAX) throw refused(provider, `it is longer than ${KEY_CHARS_MAX} characters`)
  // A key travels in an HTTP header.
  if (!/^[\x21-\x7e]+$/.test(key)) {
    throw refused(provider, 'it has spaces, line breaks or characters that are not ASCII')
  }
  return key
}

function refused(provider: string, reason: string): NatterError {
  return new NatterError('invalid-request', `Cannot use key of "${provider}": ${reason}`, {
    hint: 'Copy the key alone, as the provider shows it',
  })
}

export function checkProvider(provider: string): void {
  if (/^[A-Za-z0-9][A-Za-z0-9._-]{0,99}$/.test(provider)) return
  throw new NatterError('invalid-request', `Cannot store key: "${provider.slice(0, 100)}" is no name of a provider`, {
    hint: 'A name has letters, digits, dots, dashes and underscores',
  })
}

/** `…` and the last four characters. */
export function lastFour(key: string): string {
  return key.length < SHOWN_FROM_CHARS ? '…' : `…${key.slice(-4)}`
}
