import fc from 'fast-check'
import { expect, it } from 'vitest'
import type { ProviderMessage } from '../../../daemon/providers/provider.ts'
import { trim } from '../../../daemon/turn/trim.ts'

const count = (text: string) => text.length
const user = (text: string): ProviderMessage => ({ role: 'user', text })
const assistant = (text: string): ProviderMessage => ({ role: 'assistant', text })

it('trim() leaves a conversation that fits as it is', () => {
  const messages = [user('one'), assistant('two'), user('three')]
  expect(trim(messages, { room: 100, system: 0, count })).toEqual({ messages, leftOut: 0, tokens: 11 + 3 * 4 })
})

it('trim() leaves out the oldest, and never begins with an answer', () => {
  const messages = [user('one'), assistant('two'), user('three'), assistant('four'), user('five')]
  const { messages: kept, leftOut } = trim(messages, { room: 9 + 8 + 8, system: 0, count })
  expect(kept).toEqual([user('three'), assistant('four'), user('five')])
  expect(leftOut).toBe(2)
  expect(trim(messages, { room: 20, system: 0, count }).messages).toEqual([user('five')])
})

it('trim() always sends the newest question', () => {
  const messages = [user('one'), assistant('two'), user('a long question')]
  expect(trim(messages, { room: 1, system: 50, count }).messages).toEqual([user('a long question')])
})

it('trim() fits whatever can fit, keeps the newest question, and leaves out no more than it must', () => {
  const texts = fc.array(fc.string({ maxLength: 60 }), { minLength: 1, maxLength: 41 })
  fc.assert(
    fc.property(texts, fc.nat({ max: 800 }), fc.nat({ max: 100 }), (all, room, system) => {
      const odd = all.length % 2 === 0 ? all.slice(1) : all
      const messages = odd.map((text, index) => (index % 2 === 0 ? user(text) : assistant(text)))
      const trimmed = trim(messages, { room, system, count })
      const last = messages.at(-1)
      expect(trimmed.messages.at(-1)).toBe(last)
      expect(trimmed.messages[0]?.role).toBe('user')
      expect(trimmed.messages).toEqual(messages.slice(trimmed.leftOut))
      const least = system + (last?.text.length ?? 0) + 4
      expect(trimmed.tokens).toBeLessThanOrEqual(Math.max(room, least))
      const pair = messages.slice(Math.max(0, trimmed.leftOut - 2), trimmed.leftOut)
      const more = pair.reduce((sum, message) => sum + message.text.length + 4, trimmed.tokens)
      if (pair.length > 0) expect(more).toBeGreaterThan(room)
    }),
  )
})
