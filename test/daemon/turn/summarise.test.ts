import { expect, it } from 'vitest'
import { textOfMessage } from '../../../daemon/providers/provider.ts'
import { cheapModel } from '../../../daemon/turn/cheap-model.ts'
import { estimateTurn } from '../../../daemon/turn/estimate.ts'
import { createTurns } from '../../../daemon/turn/turns.ts'
import { NatterError } from '../../../src/protocol/errors.ts'
import { createId } from '../../../src/protocol/ids.ts'
import type { RequestOf, ResponseOf } from '../../../src/protocol/schema/operations.ts'
import { breaks, createTestRooms, hangs, says, type TestRooms } from '../../helpers/rooms.ts'
import { until } from '../../helpers/until.ts'

type Story = NonNullable<ResponseOf<'turns.why'>['story']>

/** A character is a token here. */
const WINDOW = 4_000

interface Talk {
  /** A question of that many characters of its number, answered. */
  ask(number: number, characters?: number, change?: Partial<RequestOf<'turns.start'>>): Promise<Story>
  readonly rooms: TestRooms['rooms']
  readonly clock: { aheadMs: number }
}

function talk(test: TestRooms): Talk {
  const get = () => Promise.resolve({ contextTokens: WINDOW, outputTokens: 10, reasoning: false } as never)
  const clock = { aheadMs: 0 }
  const now = () => Date.now() + clock.aheadMs
  const rooms = { ...test.rooms, catalogue: { ...test.rooms.catalogue, get }, now }
  const turns = createTurns(rooms)
  const conversationId = createId('cnv')
  let opened: Promise<unknown> | null = null
  return {
    rooms,
    clock,
    async ask(number, characters = 1_000, change = {}) {
      opened ??= rooms.store.conversations.create({
        ...{ conversationId, title: 't', model: null, system: 'Be brief.', parameters: {}, createdAt: 1 },
      })
      await opened
      const prompt = String(number).repeat(characters)
      const model = 'demo/natter'
      const asked = { prompt, origin: 'script', turnId: createId('trn'), conversationId, model, ...change } as const
      const { turnId } = await turns.start(asked)
      await until(() => turns.active === 0)
      return (await rooms.store.turns.why(turnId)).story as Story
    },
  }
}

function on(): { context: { summary: 'on'; model: string } } {
  return { context: { summary: 'on', model: 'demo/small' } }
}

/** The models that were asked, and the first word of each message. */
function calls({ provider }: TestRooms): readonly (readonly string[])[] {
  return provider.calls.map(({ request }) => [
    request.model,
    ...request.messages.map((m) => textOfMessage(m).slice(0, 3)),
  ])
}

it('what does not fit is summarised by the model of the settings, and the summary is sent in its place', async () => {
  await using test = await createTestRooms()
  test.settings = on()
  const { ask, rooms } = talk(test)
  for (const number of [1, 2, 3]) await ask(number)
  test.provider.enqueue(says(['They spoke of 1 and 2.']))
  const story = await ask(4)
  expect(calls(test).slice(3)).toEqual([
    ['small', 'Use'],
    ['natter', '333', 'ok', '444'],
  ])
  const [summarising, sent] = test.provider.calls.slice(3)
  expect(textOfMessage(summarising!.request.messages[0]!)).toMatch(
    /^User: 1+\n\nAssistant: ok\n\nUser: 2+\n\nAssistant: ok$/,
  )
  expect(sent?.request.system).toMatch(/^Be brief\.\n\n[\s\S]*They spoke of 1 and 2\.$/)
  expect(story.context).toMatchObject({ sentMessages: 3, leftOutMessages: 4 })
  expect(story.summary).toEqual({ text: 'They spoke of 1 and 2.', model: 'demo/small', messages: 4 })
  const [conversation] = await rooms.store.conversations.list({ limit: 1 })
  const page = await rooms.store.messages.page(conversation!.conversationId, { limit: 50 })
  expect(page.messages, 'history is as it was').toHaveLength(8)
})

it('a summary is used until what follows it does not fit, then goes into the next', async () => {
  await using test = await createTestRooms()
  test.settings = on()
  const { ask } = talk(test)
  for (const number of [1, 2, 3]) await ask(number)
  test.provider.enqueue(says(['first summary']))
  await ask(4)
  expect((await ask(5)).summary?.text).toBe('first summary')
  test.provider.enqueue(says(['second summary']))
  const story = await ask(6)
  expect(calls(test).slice(5)).toEqual([
    ['natter', '333', 'ok', '444', 'ok', '555'],
    ['small', 'Sum'],
    ['natter', '555', 'ok', '666'],
  ])
  const asked = textOfMessage(test.provider.calls[6]!.request.messages[0]!)
  expect(asked).toMatch(/^Summary of what came before:\nfirst summary\n\nUser: 3+\n\nAssistant: ok\n\nUser: 4+/)
  expect(story.summary).toMatchObject({ text: 'second summary', messages: 8 })
})

it('a summary that cannot be made costs the turn a note', async () => {
  await using test = await createTestRooms()
  test.settings = on()
  const { ask } = talk(test)
  for (const number of [1, 2, 3]) await ask(number)
  test.provider.enqueue(breaks([], new NatterError('model-not-found', 'there is no small')))
  const story = await ask(4)
  expect(calls(test).at(-1)).toEqual(['natter', '222', 'ok', '333', 'ok', '444'])
  expect(story.summary).toBeNull()
  expect(story.notes[0]).toBe('the beginning of the conversation was left out without a summary: there is no small')
})

it('a summary that could not be made is not tried again for a while, nor twice in one turn', async () => {
  await using test = await createTestRooms()
  test.settings = { ...on(), fallback: { policy: 'auto', models: ['demo/b', 'demo/c'] } }
  const { ask, clock } = talk(test)
  for (const number of [1, 2, 3]) await ask(number)
  const busy = () =>
    new NatterError('connection-failed', 'gone', { cause: Object.assign(new Error(), { code: 'ENOTFOUND' }) })
  test.provider.enqueue(breaks([], new NatterError('model-not-found', 'there is no small')))
  test.provider.enqueue(breaks([], busy()))
  const first = await ask(4)
  expect(
    calls(test)
      .slice(3)
      .map(([model]) => model),
  ).toEqual(['small', 'natter', 'b'])
  expect(first.notes.filter((note) => note.includes('summary'))).toHaveLength(1)
  const second = await ask(5)
  expect(
    calls(test)
      .slice(6)
      .map(([model]) => model),
  ).toEqual(['natter'])
  expect(second.notes[0]).toContain('without a summary: one could not be made a moment ago')
  clock.aheadMs = 6 * 60_000
  test.provider.enqueue(says(['   ']))
  expect((await ask(6)).notes[0]).toContain('empty summary')
  clock.aheadMs *= 2
  test.provider.enqueue(says(['a summary']))
  expect((await ask(7)).summary?.text).toBe('a summary')
})

it('a summary is paid for from the same budget, and stands in the ledger', async () => {
  await using test = await createTestRooms()
  test.settings = on()
  const { ask, rooms } = talk(test)
  for (const number of [1, 2, 3]) await ask(number)
  test.provider.enqueue(says(['a summary']))
  await ask(4)
  expect(rooms.limits.spending.spent(null)).toMatchObject({ spentMicros: 5 * 42, reservedMicros: 0 })
  await until(async () => {
    const rows = await rooms.store.usage.report({ by: 'model', since: 0, until: Date.now() + 1, limit: 9 })
    return rows.some(({ key, calls, costMicros }) => key === 'demo/small' && calls === 1 && costMicros === 42)
  })
})

it('a summary over the budget is not asked for', async () => {
  await using test = await createTestRooms()
  test.settings = on()
  const { ask } = talk(test)
  for (const number of [1, 2, 3]) await ask(number)
  const story = await ask(4, 1_000, { maxCostMicros: 41, cache: 'off' })
  expect(story.notes).toEqual([expect.stringContaining('without a summary: Cannot ask demo/small')])
  expect(test.provider.calls).toHaveLength(3)
})

it('nothing is summarised unless the settings say so, nor for a turn that is kept nowhere', async () => {
  await using test = await createTestRooms()
  const { ask } = talk(test)
  for (const number of [1, 2, 3]) await ask(number)
  expect((await ask(4)).summary).toBeNull()
  test.settings = on()
  await ask(5, 1_000, { log: false })
  expect(test.provider.calls.map(({ request }) => request.model)).toEqual(Array(5).fill('natter'))
})

it('a turn that is stopped while it is summarised is stopped', async () => {
  await using test = await createTestRooms()
  test.settings = on()
  const { ask, rooms } = talk(test)
  for (const number of [1, 2, 3]) await ask(number)
  test.provider.enqueue(hangs(['They']))
  const story = await ask(4, 1_000, { timeoutMs: 50 })
  expect(test.provider.calls).toHaveLength(4)
  expect(story.notes).toEqual([])
  expect(rooms.limits.spending.spent(null).reservedMicros).toBe(0)
})

it('estimateTurn() counts with the summary that is there, and makes none', async () => {
  await using test = await createTestRooms()
  test.settings = on()
  const { ask, rooms } = talk(test)
  for (const number of [1, 2, 3]) await ask(number)
  test.provider.enqueue(says(['a summary']))
  await ask(4)
  const [conversation] = await rooms.store.conversations.list({ limit: 1 })
  const { conversationId } = conversation!
  const asked = { prompt: 'next', model: 'demo/natter', origin: 'script', conversationId } as const
  expect(await estimateTurn(rooms, asked)).toMatchObject({ sentMessages: 5, leftOutMessages: 4 })
  expect(test.provider.calls).toHaveLength(5)
})

const MODEL = { provider: 'openai', input: ['text'], output: ['text'], contextTokens: 100_000 }

it('cheapModel() takes the cheapest of the provider that reads text, and no free one', async () => {
  await using test = await createTestRooms()
  const list = () =>
    Promise.resolve([
      { ...MODEL, model: 'openai/dear', inputPrice: 3, outputPrice: 15 },
      { ...MODEL, model: 'openai/cheap', inputPrice: 0.1, outputPrice: 0.4 },
      { ...MODEL, model: 'openai/free', inputPrice: 0, outputPrice: 0 },
      { ...MODEL, model: 'openai/unknown', inputPrice: null, outputPrice: null },
      { ...MODEL, model: 'openai/vectors', output: [], inputPrice: 0.01, outputPrice: 0 },
      { ...MODEL, model: 'openai/tiny', contextTokens: 2_000, inputPrice: 0.01, outputPrice: 0.01 },
      { ...MODEL, model: 'b/cheaper', provider: 'b', inputPrice: 0.01, outputPrice: 0.01 },
    ] as never)
  const rooms = { catalogue: { ...test.rooms.catalogue, list } }
  const endpoint = (provider: string) => ({ provider }) as never
  expect(await cheapModel(rooms, { model: 'openai/dear', endpoint: endpoint('openai') })).toBe('openai/cheap')
  expect(await cheapModel(rooms, { model: 'c/only', endpoint: endpoint('c') })).toBe('c/only')
  const elsewhere = { provider: 'openai', apiKey: null } as never
  expect(await cheapModel(rooms, { model: 'openai/llama', endpoint: elsewhere })).toBe('openai/llama')
})

it('cheapModel() stays with the vendor of the model at a gateway', async () => {
  await using test = await createTestRooms()
  const of = (provider: string, name: string, inputPrice: number) => {
    return { ...MODEL, provider, model: `${provider}/${name}`, inputPrice, outputPrice: inputPrice }
  }
  const list = () =>
    Promise.resolve([
      of('openrouter', 'anthropic/claude-opus', 5),
      of('openrouter', 'anthropic/claude-haiku', 1),
      of('openrouter', 'tiny/model-1b', 0.01),
      of('openrouter', 'anthropic-like/model', 0.01),
      of('groq', 'llama-3.3-70b', 0.6),
      of('groq', 'llama-3.1-8b', 0.05),
      of('groq', 'gemma2-9b', 0.01),
      of('groq', 'openai/gpt-oss-20b', 0.01),
    ] as never)
  const rooms = { catalogue: { ...test.rooms.catalogue, list } }
  const cheap = (model: string) =>
    cheapModel(rooms, { model, endpoint: { provider: model.slice(0, model.indexOf('/')) } as never })
  expect(await cheap('openrouter/anthropic/claude-opus')).toBe('openrouter/anthropic/claude-haiku')
  expect(await cheap('groq/llama-3.3-70b')).toBe('groq/llama-3.1-8b')
  expect(await cheap('groq/openai/gpt-oss-20b')).toBe('groq/openai/gpt-oss-20b')
  expect(await cheap('openrouter/other/large')).toBe('openrouter/other/large')
})
