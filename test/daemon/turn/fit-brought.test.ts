// What a client of the API brings: sent as it is, refused, or trimmed where it asks for that.

import { expect, it } from 'vitest'
import type { WireFormat } from '../../../daemon/providers/provider.ts'
import { type ProviderMessage, toMessage } from '../../../daemon/providers/provider.ts'
import { createTurns } from '../../../daemon/turn/turns.ts'
import { NatterError } from '../../../src/protocol/errors.ts'
import { createId } from '../../../src/protocol/ids.ts'
import { breaks, createTestRooms, type TestRooms } from '../../helpers/rooms.ts'
import { until } from '../../helpers/until.ts'

const GREETING = toMessage('assistant', 'Welcome, adventurer')
const TALK = [toMessage('user', 'x'.repeat(60)), toMessage('assistant', 'yes'), toMessage('user', 'newest')]

interface Asking {
  readonly messages: readonly ProviderMessage[]
  readonly truncation?: 'auto' | 'refuse'
  readonly format?: Exclude<WireFormat, 'demo'>
  /** A character is a token. */
  readonly window?: number
}

async function ask(test: TestRooms, { messages, truncation, format = 'openai-chat', window }: Asking) {
  test.settings = { providers: { p: { format, baseUrl: 'http://127.0.0.1:9', local: true } } }
  const known = { contextTokens: window, outputTokens: 10 } as never
  const get = () => Promise.resolve(window === undefined ? null : known)
  const rooms = { ...test.rooms, catalogue: { ...test.rooms.catalogue, get } }
  const turns = createTurns(rooms)
  const brought = { messages, tools: null, responseFormat: null, ...(truncation === undefined ? {} : { truncation }) }
  const asked = { turnId: createId('trn'), prompt: 'newest', origin: 'api', model: 'p/m' } as const
  await turns.start(asked, { deviceId: null, brought })
  await until(() => turns.active === 0)
  const { story } = await rooms.store.turns.why(asked.turnId)
  const turn = await rooms.store.turns.get(asked.turnId)
  return { sent: test.provider.calls.map(({ request }) => request.messages), story, outcome: turn?.outcome }
}

it.each([undefined, 'refuse'] as const)('nobody is asked where more is brought than fits: %s', async (truncation) => {
  await using test = await createTestRooms()
  const { sent, outcome } = await ask(test, { messages: TALK, window: 40, ...(truncation ? { truncation } : {}) })
  expect(sent).toEqual([])
  expect(outcome).toMatchObject({
    error: {
      code: 'context-exceeded',
      message: expect.stringMatching(/about 8\d tokens were brought, and it takes 40/),
    },
  })
})

it('what fits the whole window is sent, though no room for a long answer is left', async () => {
  await using test = await createTestRooms()
  expect((await ask(test, { messages: TALK, window: 85 })).sent).toEqual([TALK])
})

it('what the model itself finds too long is not sent again without its beginning', async () => {
  await using test = await createTestRooms()
  test.provider.enqueue(breaks([], new NatterError('context-exceeded', 'too long')))
  const { sent, outcome } = await ask(test, { messages: TALK })
  expect(sent).toEqual([TALK])
  expect(outcome).toMatchObject({ error: { code: 'context-exceeded', message: 'too long' } })
})

it('a client that asks for it is trimmed for, and told', async () => {
  await using test = await createTestRooms()
  const { sent, story } = await ask(test, { messages: TALK, window: 40, truncation: 'auto' })
  expect(sent).toEqual([TALK.slice(2)])
  expect(story?.notes).toEqual(['the 2 oldest messages were left out of what p/m was sent'])
})

it.each([
  ['openai-chat', 'refuse', 0],
  ['openai-chat', 'auto', 0],
  ['openai-responses', 'refuse', 0],
  ['anthropic', 'refuse', 1],
  ['anthropic', 'auto', 1],
  ['gemini', 'refuse', 1],
] as const)('a greeting goes to %s, %s, without the first %i messages', async (format, truncation, leftOut) => {
  await using test = await createTestRooms()
  const messages = [GREETING, ...TALK]
  const { sent, story } = await ask(test, { messages, format, truncation, window: 10_000 })
  expect(sent).toEqual([messages.slice(leftOut)])
  expect(story?.context?.leftOutMessages).toBe(leftOut)
  expect(story?.notes).toHaveLength(leftOut)
})
