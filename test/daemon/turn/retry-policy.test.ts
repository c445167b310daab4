// What follows a failed call.

import { expect, it } from 'vitest'
import { ATTEMPTS_MAX } from '../../../daemon/limits/backoff.ts'
import { nextStep } from '../../../daemon/turn/retry-policy.ts'
import { type ErrorCode, NatterError } from '../../../src/protocol/errors.ts'

it.each<readonly [ErrorCode, boolean | null, string]>([
  ['rate-limited', null, 'retry'],
  ['rate-limited', true, 'retry'],
  ['rate-limited', false, 'fallback'],
  ['provider-failed', false, 'fallback'],
  ['invalid-request', null, 'fail'],
  ['invalid-request', false, 'fail'],
  ['invalid-request', true, 'retry'],
  ['key-refused', true, 'fail'],
  ['quota-exhausted', true, 'fail'],
])('nextStep() after %s, of which the other side said "again: %s", is to %s', (code, again, expected) => {
  expect(stepAfter(new NatterError(code, 'No', { again }))).toBe(expected)
})

it('nextStep() does not ask for ever, whatever the other side says', () => {
  const error = new NatterError('invalid-request', 'No', { again: true })
  expect(stepAfter(error, { attempt: ATTEMPTS_MAX })).toBe('fallback')
  expect(stepAfter(error, { isShown: true })).toBe('fail')
})

function stepAfter(error: unknown, given: { attempt?: number; isShown?: boolean } = {}): string {
  return nextStep({ error, attempt: 1, isShown: false, isTrimmed: true, ...given }, () => 0.5).type
}
