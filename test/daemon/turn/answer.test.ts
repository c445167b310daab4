import { expect, it } from 'vitest'
import { jsonOf, type Subscription } from '../../../daemon/hub/hub.ts'
import { toMessage } from '../../../daemon/providers/provider.ts'
import { type Caller, OWNER } from '../../../daemon/turn/plan.ts'
import { createTurns } from '../../../daemon/turn/turns.ts'
import { type ErrorCode, NatterError } from '../../../src/protocol/errors.ts'
import { createId } from '../../../src/protocol/ids.ts'
import type { NatterEvent } from '../../../src/protocol/schema/events.ts'
import type { RequestOf } from '../../../src/protocol/schema/operations.ts'
import { textOf } from '../../../src/protocol/stream.ts'
import { breaks, createTestRooms, hangs, type Script, says, type TestRooms } from '../../helpers/rooms.ts'
import { until } from '../../helpers/until.ts'

const PASSING: readonly ErrorCode[] = [
  'rate-limited',
  'overloaded',
  'provider-failed',
  'connection-failed',
  'timeout',
  'truncated',
]
const FINAL: readonly ErrorCode[] = [
  'quota-exhausted',
  'key-refused',
  'permission-denied',
  'invalid-request',
  'model-not-found',
  'content-filtered',
  'too-large',
  'protocol-error',
]

it.each(PASSING)('a call that failed with "%s" is made again, three times at most', async (code) => {
  await using test = await createTestRooms()
  const { message, events } = await ask(test, [fails(code), fails(code), says(['at last'])])
  expect(textOf(message?.parts ?? [])).toBe('at last')
  expect(test.provider.calls).toHaveLength(3)
  expect(events.filter((event) => event.type === 'turn-wait' && event.reason === 'retry')).toHaveLength(2)
})

it.each(PASSING)('three calls that failed with "%s" are the end of it', async (code) => {
  await using test = await createTestRooms()
  const { message } = await ask(test, [fails(code), fails(code), fails(code), says(['too late'])])
  expect(message?.outcome).toMatchObject({ type: 'failed', error: { code } })
  expect(test.provider.calls).toHaveLength(3)
})

it.each(FINAL)('a call that failed with "%s" is made once', async (code) => {
  await using test = await createTestRooms()
  test.settings = { fallback: { models: ['demo/other'] } }
  const { message } = await ask(test, [fails(code), says(['too late'])])
  expect(message?.outcome).toMatchObject({ type: 'failed', error: { code } })
  expect(test.provider.calls).toHaveLength(1)
})

it.each(PASSING)('an answer that broke off with "%s" is kept and not asked for again', async (code) => {
  await using test = await createTestRooms()
  test.settings = { fallback: { models: ['demo/other'] } }
  const { message } = await ask(test, [breaks(['half '], failure(code)), says(['again'])])
  expect(message?.outcome).toMatchObject({ type: 'failed', error: { code } })
  expect(textOf(message?.parts ?? [])).toBe('half ')
  expect(test.provider.calls).toHaveLength(1)
})

it('what an answer begins with is held until it says something, so that a failure after it costs nothing', async () => {
  await using test = await createTestRooms()
  const usage = { ...NO_USAGE, inputTokens: 99 }
  const startsAndFails: Script = async function* () {
    yield [{ type: 'usage', usage }]
    throw failure('overloaded')
  }
  const { message, events } = await ask(test, [startsAndFails, says(['fine'])])
  expect(textOf(message?.parts ?? [])).toBe('fine')
  expect(events.filter((event) => event.type === 'usage')).toHaveLength(1)
})

it('a wait that the provider asks for is kept to', async () => {
  await using test = await createTestRooms()
  const asked = new NatterError('rate-limited', 'Slow down', { retryAfterMs: 50 })
  const startedAt = performance.now()
  const { message } = await ask(test, [breaks([], asked), says(['fine'])])
  expect(textOf(message?.parts ?? [])).toBe('fine')
  expect(performance.now() - startedAt).toBeGreaterThanOrEqual(50)
})

it('a provider that asks for longer than anyone would wait is left for the next model', async () => {
  await using test = await createTestRooms()
  test.settings = { fallback: { models: ['demo/other'] } }
  const asked = new NatterError('rate-limited', 'Come back tomorrow', { retryAfterMs: 3_600_000 })
  const { message, events } = await ask(test, [breaks([], asked), says(['instead'])])
  expect(textOf(message?.parts ?? [])).toBe('instead')
  expect(message?.model).toBe('demo/other')
  expect(events.find((event) => event.type === 'turn-model')).toMatchObject({
    model: 'demo/other',
    reason: 'Come back tomorrow',
  })
})

it('the chain is gone down in its order, and every call of it is recorded', async () => {
  await using test = await createTestRooms()
  const elsewhere = { baseUrl: 'http://127.0.0.1:1/v1', local: true }
  test.settings = {
    providers: { two: elsewhere, three: elsewhere },
    fallback: { models: ['demo/x', 'openai/nokey', 'two/second', 'three/third'] },
  }
  const scripts = [...Array.from({ length: 6 }, () => fails('overloaded')), says(['third'])]
  const { message } = await ask(test, scripts)
  expect(message?.model).toBe('three/third')
  expect(test.provider.calls.map((call) => call.request.model)).toEqual([
    ...['x', 'x', 'x'],
    ...['second', 'second', 'second'],
    'third',
  ])
})

it('a stand-in that speaks another format is not sent what only the first vendor knows', async () => {
  await using test = await createTestRooms()
  const other = { baseUrl: 'http://127.0.0.1:1', local: true, format: 'anthropic' } as const
  test.settings = { providers: { other }, fallback: { models: ['demo/twin', 'other/m'] } }
  const scripts = [...Array.from({ length: 6 }, () => fails('rate-limited')), says(['ok'])]
  await ask(test, scripts, { parameters: { temperature: 0.5, extra: { odd: true } } })
  expect(test.provider.calls.map((call) => call.request.parameters).slice(2)).toEqual([
    ...Array.from({ length: 4 }, () => ({ temperature: 0.5, extra: { odd: true } })),
    { temperature: 0.5 },
  ])
})

it('nobody stands in where the conversation does not let us choose', async () => {
  await using test = await createTestRooms()
  test.settings = { fallback: { models: ['demo/other'], policy: 'never' } }
  const { message } = await ask(test, [fails('overloaded'), fails('overloaded'), fails('overloaded')])
  expect(message?.outcome).toMatchObject({ type: 'failed', error: { code: 'overloaded', hint: null } })
  expect(test.provider.calls).toHaveLength(3)
})

it('the model that could stand in is named where the user wants to be asked', async () => {
  await using test = await createTestRooms()
  test.settings = { fallback: { models: ['demo/other'], policy: 'ask' } }
  const scripts = Array.from({ length: 3 }, () => fails('connection-failed'))
  const { message } = await ask(test, scripts)
  expect(message?.outcome).toMatchObject({
    type: 'failed',
    error: { code: 'overloaded', hint: expect.stringContaining('demo/other') },
  })
})

it('a stop while it waits to ask again ends it at once', async () => {
  await using test = await createTestRooms()
  const turns = createTurns(test.rooms)
  test.provider.enqueue(breaks([], new NatterError('rate-limited', 'Slow down', { retryAfterMs: 30_000 })))
  const { turnId, messageId } = await turns.start(request())
  await until(() => test.provider.calls.length === 1)
  expect(await turns.cancel(turnId)).toBe(true)
  expect((await test.rooms.store.messages.get(messageId))?.outcome).toEqual({ type: 'cancelled' })
})

it('a provider whose calls all fail is left alone for a while, and whoever asks meanwhile hears why at once', async () => {
  await using test = await createTestRooms()
  const failing = Array.from({ length: 8 }, () => fails('overloaded'))
  for (let turn = 0; turn < 3; turn += 1) await ask(test, failing.splice(0, 3), { fallback: 'never' })
  expect(test.provider.calls).toHaveLength(8)
  expect(test.rooms.limits.breakers.status()).toMatchObject([{ provider: 'demo', state: 'open' }])
  const startedAt = Date.now()
  const { message } = await ask(test, [says(['nobody asks me'])], { fallback: 'never' })
  expect(message?.outcome).toMatchObject({ type: 'failed', error: { code: 'overloaded' } })
  const error = message?.outcome?.type === 'failed' ? message.outcome.error.message : ''
  expect(error).toContain(failure('overloaded').message)
  expect(error).toContain('natter leaves "demo" alone for')
  expect(message?.createdAt).toBeGreaterThanOrEqual(startedAt)
  expect(test.provider.calls).toHaveLength(8)
})

it('another model answers at once for a provider that is left alone', async () => {
  await using test = await createTestRooms()
  const two = { baseUrl: 'http://127.0.0.1:1/v1', local: true }
  test.settings = { providers: { two } }
  for (let turn = 0; turn < 3; turn += 1) {
    await ask(test, turn === 2 ? [fails('overloaded'), fails('overloaded')] : Array(3).fill(fails('overloaded')))
  }
  test.settings = { providers: { two }, fallback: { models: ['two/second'] } }
  const { message, events } = await ask(test, [says(['at once'])])
  expect(message).toMatchObject({ model: 'two/second', outcome: { type: 'completed' } })
  expect(events.filter((event) => event.type === 'turn-wait')).toEqual([])
})

it('answers that break off in their midst do not make their server one that does not answer', async () => {
  await using test = await createTestRooms()
  for (let turn = 0; turn < 9; turn += 1) await ask(test, [breaks(['half '], failure('truncated'))])
  expect(test.rooms.limits.breakers.status()).toMatchObject([{ state: 'closed' }])
})

it('a conversation that the model says is too long is asked once more with less of it', async () => {
  await using test = await createTestRooms()
  const turns = createTurns(test.rooms)
  const { conversationId } = await turns.start(request())
  for (const prompt of ['second', 'third']) {
    await until(() => turns.active === 0)
    await turns.start({ ...request(), prompt, conversationId })
  }
  await until(() => turns.active === 0)
  for (const script of [fails('context-exceeded'), fails('context-exceeded'), says(['never'])]) {
    test.provider.enqueue(script)
  }
  const { messageId } = await turns.start({ ...request(), prompt: 'newest', conversationId })
  await until(() => turns.active === 0)
  const [whole, shorter, ...others] = test.provider.calls.slice(3).map((call) => call.request.messages)
  expect(whole).toHaveLength(7)
  expect(shorter?.length).toBeLessThan(7)
  expect(shorter?.at(-1)).toEqual(toMessage('user', 'newest'))
  expect(others).toEqual([])
  const message = await test.rooms.store.messages.get(messageId)
  expect(message?.outcome).toMatchObject({ type: 'failed', error: { code: 'context-exceeded' } })
})

it('only what fits the model is sent', async () => {
  await using test = await createTestRooms()
  const get = () => Promise.resolve({ contextTokens: 100, outputTokens: 10 } as never)
  const turns = createTurns({ ...test.rooms, catalogue: { ...test.rooms.catalogue, get } })
  const { conversationId } = await turns.start({ ...request(), prompt: 'x'.repeat(60) })
  await until(() => turns.active === 0)
  await turns.start({ ...request(), prompt: 'y'.repeat(60), conversationId })
  await until(() => turns.active === 0)
  expect(test.provider.calls.at(-1)?.request.messages).toEqual([toMessage('user', 'y'.repeat(60))])
})

it('a call that would go over the budget is not made, and one that is allowed to is', async () => {
  await using test = await createTestRooms()
  test.budgetMicros = 50
  const first = await ask(test, [])
  expect(first.message?.costMicros).toBe(42)
  const second = await ask(test, [])
  expect(second.message?.outcome).toMatchObject({ type: 'failed', error: { code: 'over-budget' } })
  expect(test.provider.calls).toHaveLength(1)
  const third = await ask(test, [], { overBudget: true })
  expect(third.message?.outcome?.type).toBe('completed')
  expect(test.rooms.limits.spending.spent(null)).toMatchObject({ spentMicros: 84, reservedMicros: 0 })
})

it('a budget that is nearly spent is told of with each turn, in what readers see and in the story', async () => {
  await using test = await createTestRooms()
  test.budgetMicros = 100
  const first = await ask(test, [])
  expect(notesOf(first)).toEqual([])
  const second = await ask(test, [])
  expect(notesOf(second)).toEqual([expect.stringMatching(/monthly budget is nearly spent: .* 84 %/)])
  expect(second.story?.notes).toEqual(notesOf(second))
})

it('a device is told of its own budget', async () => {
  await using test = await createTestRooms()
  test.deviceBudgetMicros = 84
  const caller = { deviceId: 'dev_phone', brought: null } as const
  await ask(test, [], {}, caller)
  const second = await ask(test, [], {}, caller)
  expect(notesOf(second)).toEqual([expect.stringContaining('budget of this device is spent')])
  const third = await ask(test, [], {}, caller)
  expect(third.message?.outcome).toMatchObject({
    error: { code: 'over-budget', message: expect.stringContaining('of this device') },
  })
  expect((await ask(test, [])).message?.outcome?.type, 'the owner goes on').toBe('completed')
})

it('a call that failed before it was billed costs the budget nothing', async () => {
  await using test = await createTestRooms()
  test.budgetMicros = 50
  await ask(test, [fails('invalid-request')])
  expect(test.rooms.limits.spending.spent(null)).toMatchObject({ spentMicros: 0, reservedMicros: 0 })
})

it('a call that is likely to cost more than it may is not made', async () => {
  await using test = await createTestRooms()
  const { message } = await ask(test, [], { maxCostMicros: 41 })
  expect(message?.outcome).toMatchObject({
    type: 'failed',
    error: { code: 'over-budget', message: expect.stringMatching(/likely to cost .* is the most that is allowed$/) },
  })
  expect(test.provider.calls).toEqual([])
  expect((await ask(test, [], { maxCostMicros: 42 })).message?.outcome?.type).toBe('completed')
})

it('an answer to the same question is given again, for nothing, where that is asked for', async () => {
  await using test = await createTestRooms()
  const first = await ask(test, [says(['an ', 'answer'])], { cache: 'use' })
  const again = await ask(test, [], { cache: 'use' })
  expect(test.provider.calls).toHaveLength(1)
  expect(textOf(again.message?.parts ?? [])).toBe('an answer')
  expect(again.events.some((event) => event.type === 'text-delta')).toBe(true)
  expect([first.message?.costMicros, again.message?.costMicros]).toEqual([42, 0])
  expect(again.story?.cached).toMatchObject({ savedMicros: 42 })
})

it.each<[string, Partial<RequestOf<'turns.start'>>]>([
  ['nobody asks for it', {}],
  ['it is to be asked anew', { cache: 'refresh' }],
  ['the question is another', { cache: 'use', prompt: 'another' }],
  ['the system prompt is another', { cache: 'use', system: 'Be brief' }],
  ['a parameter is another', { cache: 'use', parameters: { temperature: 0.5 } }],
  ['the model is another', { cache: 'use', model: 'demo/other' }],
])('an answer is not given again where %s', async (_why, change) => {
  await using test = await createTestRooms()
  await ask(test, [says(['old'])], { cache: 'use' })
  const { message } = await ask(test, [says(['new'])], change)
  expect(textOf(message?.parts ?? [])).toBe('new')
})

it('what was asked anew is what is given from then on', async () => {
  await using test = await createTestRooms()
  await ask(test, [says(['old'])], { cache: 'use' })
  await ask(test, [says(['new'])], { cache: 'refresh' })
  expect(textOf((await ask(test, [], { cache: 'use' })).message?.parts ?? [])).toBe('new')
})

it('an answer that broke off, or is too old, is not given again', async () => {
  await using test = await createTestRooms()
  await ask(test, [breaks(['half'], failure('truncated'))], { cache: 'use' })
  expect(textOf((await ask(test, [says(['whole'])], { cache: 'use' })).message?.parts ?? [])).toBe('whole')
  test.settings = { cache: { maxAgeDays: 0 } }
  expect(textOf((await ask(test, [says(['newer'])], { cache: 'use' })).message?.parts ?? [])).toBe('newer')
})

it('who asks the same at the same time shares one call', async () => {
  await using test = await createTestRooms()
  const turns = createTurns(test.rooms)
  const release = Promise.withResolvers<void>()
  test.provider.enqueue(async function* (asked, options) {
    await release.promise
    yield* says(['shared'])(asked, options)
  })
  const started = await Promise.all(
    Array.from({ length: 5 }, () => turns.start({ ...request(), turnId: createId('trn'), cache: 'use' })),
  )
  await until(() => test.provider.calls.length === 1)
  release.resolve()
  await until(() => turns.active === 0)
  for (const { messageId } of started) {
    const message = await test.rooms.store.messages.get(messageId)
    expect(textOf(message?.parts ?? [])).toBe('shared')
  }
  expect(test.provider.calls).toHaveLength(1)
})

const NO_USAGE = {
  inputTokens: 0,
  outputTokens: 0,
  cachedInputTokens: 0,
  cacheWriteTokens: 0,
  reasoningTokens: 0,
  estimated: false,
}

function failure(code: ErrorCode): NatterError {
  return new NatterError(code, `failed: ${code}`)
}

function fails(code: ErrorCode): Script {
  return breaks([], failure(code))
}

function request() {
  return { turnId: createId('trn'), prompt: 'question', origin: 'script', model: 'demo/x' } as const
}

/** What was told with the end. */
function notesOf({ events }: { readonly events: readonly NatterEvent[] }): readonly string[] {
  return events.flatMap((event) => (event.type === 'turn-end' ? (event.notes ?? []) : []))
}

/** One turn to its end, with what readers saw of it. */
async function ask(
  test: TestRooms,
  scripts: readonly Script[],
  change: Partial<RequestOf<'turns.start'>> = {},
  caller: Caller = OWNER,
) {
  for (const script of scripts) test.provider.enqueue(script)
  const turns = createTurns(test.rooms)
  const conversation = await test.rooms.store.conversations.create({
    ...{ conversationId: createId('cnv'), title: 'test', model: null, system: null, parameters: {}, createdAt: 1 },
  })
  const { conversationId } = conversation
  using subscription = await test.rooms.hub.subscribe({ conversations: [conversationId], after: null })
  const { messageId, turnId } = await turns.start({ ...request(), conversationId, ...change }, caller)
  await until(() => turns.active === 0)
  const { story } = await test.rooms.store.turns.why(turnId)
  return { message: await test.rooms.store.messages.get(messageId), events: eventsOf(subscription), story }
}

function eventsOf(subscription: Subscription): readonly NatterEvent[] {
  return subscription.take(1e6).map((frame) => JSON.parse(jsonOf(frame)))
}

it('a server that is not there is asked once', async () => {
  await using test = await createTestRooms()
  const cause = Object.assign(new Error('refused'), { code: 'ECONNREFUSED' })
  const gone = new NatterError('connection-failed', 'Cannot reach it', { cause })
  const { message } = await ask(test, [breaks([], gone), says(['too late'])])
  expect(message?.outcome).toMatchObject({ type: 'failed', error: { code: 'connection-failed' } })
  expect(test.provider.calls).toHaveLength(1)
})

it('what the caller gives up says nothing of the server', async () => {
  await using test = await createTestRooms()
  const turns = createTurns(test.rooms)
  for (let count = 0; count < 6; count += 1) {
    test.provider.enqueue(hangs([]))
    await turns.start({ ...request(), timeoutMs: 5 })
    await until(() => turns.active === 0)
  }
  expect(test.rooms.limits.breakers.status()).toMatchObject([{ state: 'closed' }])
})

it('an answer that nobody could give is recorded under the model that was asked for', async () => {
  await using test = await createTestRooms()
  test.settings = {
    providers: { two: { baseUrl: 'http://127.0.0.1:1/v1', local: true } },
    fallback: { models: ['two/x'] },
  }
  const { message } = await ask(
    test,
    Array.from({ length: 6 }, () => fails('overloaded')),
  )
  expect(message?.model).toBe('demo/x')
})

it('many answers at once that grow longer than was likely go over the budget by no more than a piece each', async () => {
  await using test = await createTestRooms()
  test.budgetMicros = 10_000
  const cost = (_model: string, usage: { outputTokens: number }) => Promise.resolve(usage.outputTokens)
  const rooms = { ...test.rooms, catalogue: { ...test.rooms.catalogue, cost } }
  const piece = 'x'.repeat(100)
  const writes: Script = async function* () {
    for (let count = 0; count < 100; count += 1) {
      yield [{ type: 'text-delta', text: piece }]
      await new Promise(setImmediate)
    }
    yield [{ type: 'finish', reason: 'stop', raw: null }]
  }
  for (let count = 0; count < 50; count += 1) test.provider.enqueue(writes)
  const turns = createTurns(rooms)
  const started = await Promise.all(Array.from({ length: 50 }, () => turns.start(request())))
  await until(() => turns.active === 0)
  const messages = await Promise.all(started.map(({ messageId }) => rooms.store.messages.get(messageId)))
  expect(messages.every((message) => message?.outcome?.type === 'failed')).toBe(true)
  const answered = messages.filter((message) => (message?.parts.length ?? 0) > 0)
  expect(answered.length).toBeGreaterThan(1)
  const { spentMicros, reservedMicros } = rooms.limits.spending.spent(null)
  expect(reservedMicros).toBe(0)
  expect(spentMicros).toBeGreaterThan(9_000)
  expect(spentMicros).toBeLessThanOrEqual(10_000 + answered.length * 500)
})
