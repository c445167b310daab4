// The token of a request: the one place where it is taken from a header.

import type { IncomingMessage } from 'node:http'
import { NatterError } from '../../src/protocol/errors.ts'
import { valuesOf } from './trust-request.ts'

/** Never from the address: those end up in logs and histories. Throws where there is none, or more than one. */
export function readToken(request: IncomingMessage): string {
  const [value, ...more] = [...valuesOf(request, 'authorization').map(fromBearer), ...valuesOf(request, 'x-api-key')]
  if (value === undefined) {
    throw new NatterError('key-missing', 'Cannot answer: the request has no token', {
      hint: 'Send the header "authorization: Bearer …" with the token that "natter serve" printed',
    })
  }
  if (more.length === 0) return value
  throw new NatterError('invalid-request', 'Cannot answer: the request has more than one token', {
    hint: 'Send one header "authorization" or one header "x-api-key"',
  })
}

/** The same for tokens that never were, were revoked, or are somebody's with one letter changed. */
export function wrongToken(): NatterError {
  return new NatterError('key-refused', 'Cannot answer: the token is not valid', {
    hint: 'Use the token that "natter serve" printed; "natter serve --new-token" makes another',
  })
}

/** Of another scheme nothing is left, and nothing is no token. */
function fromBearer(value: string): string {
  return /^Bearer +(\S+) *$/i.exec(value)?.[1] ?? ''
}
