import { expect, it } from 'vitest'
import { BadRequest, toRefusal } from '../../../../daemon/server/openai/errors.ts'
import { readWishes } from '../../../../daemon/server/openai/natter-headers.ts'
import { ERROR_CODES, NatterError } from '../../../../src/protocol/errors.ts'

it.each(ERROR_CODES)('toRefusal() has a status, a type and a text for %s', (code) => {
  const { status, error } = toRefusal(new NatterError(code, 'It failed', { hint: 'Do this' }))
  expect(status).toBeGreaterThanOrEqual(400)
  expect(error).toMatchObject({ message: 'It failed. Do this', type: expect.stringMatching(/^[a-z_]+$/) })
})

it('toRefusal() says how long to wait where that is known, and keeps clients from asking in vain', () => {
  const limited = new NatterError('rate-limited', 'Slow down', { retryAfterMs: 1_200 })
  expect(toRefusal(limited).headers).toEqual({ 'retry-after': '2', 'retry-after-ms': '1200' })
  expect(toRefusal(new NatterError('quota-exhausted', 'No money')).headers).toEqual({ 'x-should-retry': 'false' })
  expect(toRefusal(new BadRequest('No', { param: 'n', code: 'unsupported_value' }))).toMatchObject({
    ...{ status: 400, headers: { 'x-should-retry': 'false' } },
    error: { type: 'invalid_request_error', param: 'n', code: 'unsupported_value' },
  })
})

it('readWishes() reads what natter is asked besides', () => {
  expect(readWishes({})).toEqual({ conversation: null, options: {} })
  expect(
    readWishes({
      ...{ 'x-natter-conversation': ' new ', 'x-natter-cache': 'Use', 'x-natter-fallback': 'never' },
      'x-natter-max-cost': '0.25',
    }),
  ).toEqual({ conversation: 'new', options: { cache: 'use', fallback: 'never', maxCostMicros: 250_000 } })
})

it.each([
  ['x-natter-cache', 'perhaps'],
  ['x-natter-fallback', 'yes'],
  ['x-natter-max-cost', '-1'],
  ['x-natter-max-cost', '1e3'],
  ['x-natter-max-cost', 'Infinity'],
])('readWishes() refuses %s: %s', (name, value) => {
  expect(() => readWishes({ [name]: value })).toThrow(expect.objectContaining({ param: name }))
})
