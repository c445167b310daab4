import fc from 'fast-check'
import { expect, it } from 'vitest'
import { type ProviderMessage, textOfMessage, toMessage } from '../../../daemon/providers/provider.ts'
import { trim } from '../../../daemon/turn/trim.ts'

const lengthOf = (message: ProviderMessage) => textOfMessage(message).length
const count = (message: ProviderMessage) => lengthOf(message) + 4
const user = (text: string) => toMessage('user', text)
const assistant = (text: string) => toMessage('assistant', text)
const calls = (callId: string): ProviderMessage => ({
  role: 'assistant',
  content: [{ type: 'tool-call', callId, name: 'look', text: '{}' }],
})
const result = (callId: string): ProviderMessage => ({
  role: 'user',
  content: [{ type: 'tool-result', callId, name: 'look', text: 'seen' }],
})

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
      const least = system + (last === undefined ? 0 : count(last))
      expect(trimmed.tokens).toBeLessThanOrEqual(Math.max(room, least))
      const pair = messages.slice(Math.max(0, trimmed.leftOut - 2), trimmed.leftOut)
      const more = pair.reduce((sum, message) => sum + count(message), trimmed.tokens)
      if (pair.length > 0) expect(more).toBeGreaterThan(room)
    }),
  )
})

it('trim() keeps all that followed the newest question, and no result of a tool without its call', () => {
  const earlier = [user('one'), calls('a'), result('a'), assistant('two')]
  const newest = [user('three'), calls('b'), result('b'), calls('c'), result('c')]
  expect(trim([...earlier, ...newest], { room: 1, system: 0, count }).messages).toEqual(newest)
  // Two messages of the older question would fit, but they begin with a result.
  expect(trim([...earlier, ...newest], { room: 9 + 16 + 7 + 4, system: 0, count }).messages).toEqual(newest)
  expect(trim([...earlier, ...newest], { room: 1_000, system: 0, count }).leftOut).toBe(0)
  expect(trim([calls('a'), result('a')], { room: 1, system: 0, count }).messages).toHaveLength(2)
})
