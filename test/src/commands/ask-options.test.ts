import { expect, it } from 'vitest'
import { toParameters } from '../../../src/commands/ask-options.ts'

it('toParameters() knows the spellings of vendors, and hands on what it has no name for', () => {
  expect(toParameters(['max_tokens=7', 'effort=low', 'stop=a', 'stop=b', 'top_k=3', 'user=me'])).toEqual({
    maxOutputTokens: 7,
    reasoningEffort: 'low',
    stop: ['a', 'b'],
    extra: { top_k: 3, user: 'me' },
  })
})

it.each(['toString', 'constructor', '__proto__', 'valueOf'])(
  'toParameters() hands on "%s", which every object has',
  (name) => {
    expect(JSON.stringify(toParameters([`${name}=1`]))).toBe(`{"extra":{"${name}":1}}`)
  },
)
