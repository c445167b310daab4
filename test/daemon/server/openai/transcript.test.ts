import { expect, it } from 'vitest'
import { chatSchema } from '../../../../daemon/server/openai/chat-schema.ts'
import { createCheck } from '../../../../daemon/server/openai/checked.ts'
import { responsesSchema } from '../../../../daemon/server/openai/responses-schema.ts'
import { createTranscript } from '../../../../daemon/server/openai/transcript.ts'
import { BOUNDS } from '../../../../src/protocol/bounds.ts'

/** So many that work for each of them at each of them would outlast any patience. */
const MANY = 100_000

it('createTranscript() gathers results without looking at those before', () => {
  const transcript = createTranscript()
  transcript.call({ callId: 'a', name: 'f', text: '' })
  for (let index = 0; index < MANY; index += 1) transcript.result({ callId: 'a', text: String(index) }, 'here')
  const { messages } = transcript.end('messages')
  expect(messages.map(({ content }) => content.length)).toEqual([1, MANY])
})

it('createTranscript() finds the open call of a function without looking at all calls', () => {
  const transcript = createTranscript()
  for (let index = 0; index < MANY; index += 1) transcript.call({ callId: `c${index}`, name: `f${index}`, text: '' })
  for (let index = 0; index < MANY; index += 1) {
    transcript.result({ callId: transcript.openCall(`f${index}`) ?? '', text: '' }, 'here')
  }
  expect(transcript.openCall('f0')).toBeNull()
})

it('createTranscript() takes the newest open call of a function first', () => {
  const transcript = createTranscript()
  for (const callId of ['a', 'b', 'c']) transcript.call({ callId, name: 'f', text: '' })
  const taken = [0, 1, 2].map(() => {
    const callId = transcript.openCall('f') ?? ''
    transcript.result({ callId, text: '' }, 'here')
    return callId
  })
  expect([...taken, transcript.openCall('f')]).toEqual(['c', 'b', 'a', null])
  transcript.call({ callId: 'a', name: 'f', text: '' })
  expect(transcript.openCall('f')).toBe('a')
})

it('createTranscript() begins a message for results after a question, and for a question after results', () => {
  const transcript = createTranscript()
  transcript.call({ callId: 'a', name: 'f', text: '' })
  transcript.result({ callId: 'a', text: '1' }, 'here')
  transcript.say('user', [{ type: 'text', text: 'And?' }])
  transcript.result({ callId: 'a', text: '2' }, 'here')
  transcript.say('assistant', [{ type: 'text', text: 'So.' }])
  transcript.call({ callId: 'b', name: 'f', text: '' })
  const { messages } = transcript.end('messages')
  const types = messages.map(({ role, content }) => [role, ...content.map(({ type }) => type)])
  expect(types).toEqual([
    ['assistant', 'tool-call'],
    ['user', 'tool-result'],
    ['user', 'text'],
    ['user', 'tool-result'],
    ['assistant', 'text', 'tool-call'],
  ])
})

const many = (count: number, value: unknown) => Array.from({ length: count }, () => value)

it.each([
  [chatSchema, { messages: many(BOUNDS.broughtMessages + 1, { role: 'user', content: '' }) }],
  [chatSchema, { messages: [{ role: 'user', content: many(BOUNDS.messageParts + 1, {}) }] }],
  [chatSchema, { messages: [{ role: 'assistant', tool_calls: many(BOUNDS.messageParts + 1, {}) }] }],
  [responsesSchema, { input: many(BOUNDS.broughtMessages + 1, { role: 'user', content: '' }) }],
  [responsesSchema, { input: [{ role: 'user', content: many(BOUNDS.messageParts + 1, {}) }] }],
])('createCheck() refuses more messages, parts and calls than the table of bounds has (%#)', (schema, body) => {
  expect(() => createCheck(schema)(body)).toThrow(/must NOT have more than \d+ items/)
})

it('createTranscript() refuses a question, or words of the system, that are longer than the table of bounds has', () => {
  const say = (systems: readonly number[], ...parts: readonly number[]) => {
    const transcript = createTranscript()
    for (const chars of systems) transcript.system('s'.repeat(chars))
    transcript.say(
      'user',
      parts.map((chars) => ({ type: 'text', text: 'q'.repeat(chars) })),
    )
    return transcript.end('messages')
  }
  const half = BOUNDS.promptBytes / 2
  expect(say([BOUNDS.systemChars], half, half).prompt).toHaveLength(BOUNDS.promptBytes)
  expect(() => say([], half, half, 1)).toThrow('the last question has 12582913 characters, and may have 12582912')
  expect(() => say([BOUNDS.systemChars, 1], 1)).toThrow('what the system says has 1000003 characters')
})
