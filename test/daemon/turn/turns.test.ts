import { describe, expect, it } from 'vitest'
import { jsonOf } from '../../../daemon/hub/hub.ts'
import { textOfMessage, toMessage } from '../../../daemon/providers/provider.ts'
import { createTurns } from '../../../daemon/turn/turns.ts'
import { NatterError } from '../../../src/protocol/errors.ts'
import { createId } from '../../../src/protocol/ids.ts'
import type { NatterEvent } from '../../../src/protocol/schema/events.ts'
import type { RequestOf } from '../../../src/protocol/schema/operations.ts'
import { textOf } from '../../../src/protocol/stream.ts'
import { breaks, createTestRooms, hangs, type Script, says, type TestRooms } from '../../helpers/rooms.ts'
import { until } from '../../helpers/until.ts'

type StartRequest = RequestOf<'turns.start'>

function request(change: Partial<StartRequest> = {}): StartRequest {
  return { turnId: createId('trn'), prompt: 'question', origin: 'script', model: 'demo/x', ...change }
}

/** All events of one turn, to its end. */
async function eventsOf(
  { rooms }: TestRooms,
  conversationId: `cnv_${string}`,
  turnId: string,
): Promise<readonly NatterEvent[]> {
  using subscription = await rooms.hub.subscribe({ conversations: [conversationId], after: null })
  const events: NatterEvent[] = []
  const ended = () =>
    events.some(
      (event) =>
        (event.type === 'turn-end' && event.turnId === turnId) ||
        (event.type === 'snapshot' && event.turns.some((turn) => turn.turnId === turnId && turn.outcome !== null)),
    )
  while (!ended()) {
    await subscription.ready(new AbortController().signal)
    for (const frame of subscription.take(1e6)) events.push(JSON.parse(jsonOf(frame)))
  }
  return events
}

const refused = new NatterError('invalid-request', 'No', { hint: null })
const overloaded = new NatterError('overloaded', 'Too busy', { hint: 'Wait' })

describe('createTurns()', () => {
  it.each<[string, Script, string, string]>([
    ['completed', says(['an ', 'answer']), 'completed', 'an answer'],
    ['empty', says([]), 'completed', ''],
    ['refused before the first part', breaks([], refused), 'failed', ''],
    ['failed in the middle', breaks(['half'], overloaded), 'failed', 'half'],
    ['failed for a fault of ours', breaks(['half'], new TypeError('oops')), 'failed', 'half'],
  ])('start() ends a turn once: %s', async (_name, script, outcome, text) => {
    await using test = await createTestRooms()
    const turns = createTurns(test.rooms)
    test.provider.enqueue(script)
    using all = await test.rooms.hub.subscribe({ conversations: '*', after: null })
    const started = await turns.start(request())
    await until(() => turns.active === 0)
    const notices = all.take(1e6).map((frame) => frame.type)
    expect(notices).toEqual(['conversation', 'turn-start', 'turn-end'])
    const message = await test.rooms.store.messages.get(started.messageId)
    expect(message?.outcome?.type).toBe(outcome)
    expect(textOf(message?.parts ?? [])).toBe(text)
  })

  it.each([true, false])(
    'start() refuses the id of another question, also after its end, where log is %s',
    async (log) => {
      await using test = await createTestRooms()
      const turns = createTurns(test.rooms)
      const first = request({ log })
      const other = { ...first, prompt: 'another question' }
      const [started, refused] = await Promise.allSettled([turns.start(first), turns.start(other)])
      expect([started, refused]).toMatchObject([{ status: 'fulfilled' }, { reason: { code: 'conflict' } }])
      await expect(turns.start(other)).rejects.toThrow(`"${first.turnId}": another question has that id`)
      await until(() => turns.active === 0)
      await expect(turns.start(other)).rejects.toMatchObject({ code: 'conflict' })
      expect(await turns.start(first)).toEqual(started.status === 'fulfilled' ? started.value : null)
      expect(test.provider.calls).toHaveLength(1)
    },
  )

  it('start() refuses the id of another question that another daemon began', async () => {
    await using test = await createTestRooms()
    const first = request()
    const before = createTurns(test.rooms)
    const { conversationId } = await before.start(first)
    await until(() => before.active === 0)
    const turns = createTurns(test.rooms)
    await expect(turns.start({ ...first, prompt: 'another question' })).rejects.toMatchObject({ code: 'conflict' })
    const elsewhere = await test.rooms.store.conversations.create({
      ...{ conversationId: createId('cnv'), title: 'x', model: null, system: null, parameters: {}, createdAt: 1 },
    })
    await expect(turns.start({ ...first, conversationId: elsewhere.conversationId })).rejects.toMatchObject({
      code: 'conflict',
    })
    expect(await turns.start(first)).toMatchObject({ conversationId, turnId: first.turnId })
  })

  it('start() takes the id of a question that was refused for another one', async () => {
    await using test = await createTestRooms()
    const turns = createTurns(test.rooms)
    const refused = request({ model: 'openai/x' })
    await expect(turns.start(refused)).rejects.toMatchObject({ code: 'key-missing' })
    expect(await turns.start({ ...refused, model: 'demo/x', prompt: 'other' })).toMatchObject({
      turnId: refused.turnId,
    })
    await until(() => turns.active === 0)
  })

  it('start() saves the question before anyone is called, and records the attempt', async () => {
    await using test = await createTestRooms()
    const turns = createTurns(test.rooms)
    const seen: (string | undefined)[] = []
    test.provider.enqueue(async function* () {
      const found = await test.rooms.store.conversations.list({ limit: 1 })
      seen.push(found[0]?.title)
      yield* says(['x'])({} as never, {} as never)
    })
    const started = await turns.start(request({ prompt: 'keep this' }))
    await until(() => turns.active === 0)
    expect(seen).toEqual(['keep this'])
    const turn = await test.rooms.store.turns.get(started.turnId)
    expect(turn).toMatchObject({ status: 'ended', costMicros: 42, usage: { inputTokens: 3, outputTokens: 5 } })
  })

  it('cancel() keeps the text, reaches the provider, and says cancelled', async () => {
    await using test = await createTestRooms()
    const turns = createTurns(test.rooms)
    let stopped = false
    test.provider.enqueue(async function* (asked, options) {
      try {
        yield* hangs(['half an ', 'answer'])(asked, options)
      } finally {
        stopped = true
      }
    })
    const started = await turns.start(request())
    await until(() => (turns.list()[0]?.outputTokens ?? 0) >= 'half an answer'.length)
    expect(await turns.cancel(started.turnId)).toBe(true)
    expect(stopped).toBe(true)
    const message = await test.rooms.store.messages.get(started.messageId)
    expect([message?.outcome, textOf(message?.parts ?? [])]).toEqual([{ type: 'cancelled' }, 'half an answer'])
    expect(await turns.cancel(started.turnId)).toBe(false)
  })

  it('cancel() ends a turn that still waits for its conversation, without calling the provider', async () => {
    await using test = await createTestRooms()
    const turns = createTurns(test.rooms)
    test.provider.enqueue(hangs([]))
    const first = await turns.start(request())
    const second = await turns.start(request({ conversationId: first.conversationId }))
    await until(() => test.provider.calls.length === 1)
    expect(await turns.cancel(second.turnId)).toBe(true)
    expect(turns.list().map((turn) => turn.turnId)).toEqual([first.turnId])
    expect((await test.rooms.store.messages.get(second.messageId))?.outcome).toEqual({ type: 'cancelled' })
    const third = await turns.start(request({ conversationId: first.conversationId }))
    expect(turns.list().map((turn) => turn.status)).toEqual(['running', 'queued'])
    await turns.cancel(first.turnId)
    await eventsOf(test, third.conversationId, third.turnId)
    expect(test.provider.calls).toHaveLength(2)
  })

  it('drain() waits, then stops what is left as interrupted, and refuses new turns', async () => {
    await using test = await createTestRooms()
    const turns = createTurns(test.rooms)
    test.provider.enqueue(hangs(['text']))
    const started = await turns.start(request())
    await until(() => (turns.list()[0]?.outputTokens ?? 0) > 0)
    const drained = turns.drain(20)
    await expect(turns.start(request())).rejects.toMatchObject({ code: 'daemon-unreachable' })
    await drained
    const message = await test.rooms.store.messages.get(started.messageId)
    expect(message?.outcome).toMatchObject({ type: 'failed', error: { code: 'interrupted' } })
    expect(textOf(message?.parts ?? [])).toBe('text')
  })

  it('start() queues turns of one conversation and runs those of others beside them', async () => {
    await using test = await createTestRooms()
    const turns = createTurns(test.rooms)
    test.provider.enqueue(hangs(['first']))
    const first = await turns.start(request())
    await until(() => test.provider.calls.length === 1)
    const second = await turns.start(request({ conversationId: first.conversationId }))
    const other = await turns.start(request())
    await eventsOf(test, other.conversationId, other.turnId)
    expect(turns.list().map((turn) => turn.status)).toEqual(['running', 'queued'])
    await turns.cancel(first.turnId)
    await eventsOf(test, second.conversationId, second.turnId)
    const asked = test.provider.calls.at(-1)?.request.messages
    expect(asked).toEqual([
      toMessage('user', 'question'),
      toMessage('assistant', 'first\n\n[interrupted]'),
      toMessage('user', 'question'),
    ])
  })

  it('start() runs 25 conversations at once without mixing a word', async () => {
    await using test = await createTestRooms()
    const turns = createTurns(test.rooms)
    const started = await Promise.all(
      Array.from({ length: 25 }, (_, index) => {
        test.provider.enqueue(async function* (asked) {
          const own = asked.messages.map(textOfMessage).at(-1)
          for (let piece = 0; piece < 40; piece += 1) {
            yield [{ type: 'text-delta', text: `${own}.${piece} ` }]
            await new Promise(setImmediate)
          }
          yield [{ type: 'finish', reason: 'stop', raw: null }]
        })
        return turns.start(request({ prompt: `p${index}` }))
      }),
    )
    await until(() => turns.active === 0)
    for (const [index, { messageId }] of started.entries()) {
      const message = await test.rooms.store.messages.get(messageId)
      expect(textOf(message?.parts ?? [])).toBe(
        Array.from({ length: 40 }, (_, piece) => `p${index}.${piece} `).join(''),
      )
    }
  })

  it('start() fails before anything is saved when no key is there', async () => {
    await using test = await createTestRooms()
    const turns = createTurns(test.rooms)
    await expect(turns.start(request({ model: 'openai/gpt-x' }))).rejects.toMatchObject({ code: 'key-missing' })
    expect(await test.rooms.store.conversations.list({ limit: 1 })).toEqual([])
    expect(turns.active).toBe(0)
  })

  it('start() begins nothing that was given up before it came', async () => {
    await using test = await createTestRooms()
    const turns = createTurns(test.rooms)
    await expect(turns.start(request({ startBefore: Date.now() - 1 }))).rejects.toMatchObject({ code: 'timeout' })
    expect(await test.rooms.store.conversations.list({ limit: 1 })).toEqual([])
    expect(test.provider.calls).toEqual([])
  })

  it('cancel() reaches a turn that is just being started, and one that comes after it', async () => {
    await using test = await createTestRooms()
    const turns = createTurns(test.rooms)
    for (let count = 0; count < 2; count += 1) test.provider.enqueue(hangs([]))
    const together = request()
    await Promise.allSettled([turns.start(together), turns.cancel(together.turnId)])
    expect(turns.active).toBe(0)
    const late = request()
    expect(await turns.cancel(late.turnId)).toBe(false)
    await expect(turns.start(late)).rejects.toMatchObject({ code: 'timeout' })
    expect(turns.active).toBe(0)
  })

  it('start() gives up after the time it was given', async () => {
    await using test = await createTestRooms()
    const turns = createTurns(test.rooms)
    test.provider.enqueue(hangs(['some']))
    const started = await turns.start(request({ timeoutMs: 50 }))
    await until(() => turns.active === 0)
    const message = await test.rooms.store.messages.get(started.messageId)
    expect(message?.outcome).toMatchObject({ type: 'failed', error: { code: 'timeout' } })
    expect(textOf(message?.parts ?? [])).toBe('some')
  })

  it('start() counts the time in which a turn waits for its conversation', async () => {
    await using test = await createTestRooms()
    const turns = createTurns(test.rooms)
    test.provider.enqueue(hangs([]))
    const first = await turns.start(request())
    const second = await turns.start(request({ conversationId: first.conversationId, timeoutMs: 20 }))
    await until(() => turns.active === 1)
    expect((await test.rooms.store.messages.get(second.messageId))?.outcome).toMatchObject({
      type: 'failed',
      error: { code: 'timeout' },
    })
    await turns.cancel(first.turnId)
  })

  it('start() sends what a question goes on from, even where the question is kept nowhere', async () => {
    await using test = await createTestRooms()
    const turns = createTurns(test.rooms)
    const { conversationId } = await turns.start(request())
    await until(() => turns.active === 0)
    await turns.start(request({ conversationId, prompt: 'more', log: false }))
    await until(() => turns.active === 0)
    expect(test.provider.calls.at(-1)?.request.messages).toEqual([
      toMessage('user', 'question'),
      toMessage('assistant', 'ok'),
      toMessage('user', 'more'),
    ])
    expect((await test.rooms.store.conversations.get(conversationId))?.messageCount).toBe(2)
  })

  it('start() of a turn that ended and is kept nowhere asks nobody again', async () => {
    await using test = await createTestRooms()
    const turns = createTurns(test.rooms)
    const asked = request({ log: false })
    const started = await turns.start(asked)
    await until(() => turns.active === 0)
    expect(await turns.start(asked)).toEqual(started)
    expect(test.provider.calls).toHaveLength(1)
  })

  it('start() asks nobody in a conversation that was deleted while it waited', async () => {
    await using test = await createTestRooms()
    const turns = createTurns(test.rooms)
    test.provider.enqueue(hangs([]))
    const first = await turns.start(request())
    const second = await turns.start(request({ conversationId: first.conversationId }))
    await until(() => test.provider.calls.length === 1)
    using subscription = await test.rooms.hub.subscribe({ conversations: '*', after: null })
    subscription.take(1e6)
    await test.rooms.store.conversations.delete(first.conversationId)
    await turns.cancel(first.turnId)
    await until(() => turns.active === 0)
    const ends = subscription.take(1e6).map((frame) => JSON.parse(jsonOf(frame)) as NatterEvent)
    expect(ends.find((event) => event.type === 'turn-end' && event.turnId === second.turnId)).toMatchObject({
      outcome: { type: 'failed', error: { code: 'not-found' } },
    })
    expect(test.provider.calls).toHaveLength(1)
  })

  it('readersGone() ends turns that are kept nowhere, and no others', async () => {
    await using test = await createTestRooms()
    const turns = createTurns(test.rooms)
    test.provider.enqueue(hangs(['a']))
    test.provider.enqueue(hangs(['b']))
    const kept = await turns.start(request())
    const unkept = await turns.start(request({ log: false }))
    turns.readersGone([kept.conversationId, unkept.conversationId])
    await until(() => turns.active === 1)
    expect(turns.get(kept.turnId)?.status).toBe('running')
    await turns.cancel(kept.turnId)
  })

  it('start() estimates usage, and says so, when the provider reports none', async () => {
    await using test = await createTestRooms()
    const turns = createTurns(test.rooms)
    test.provider.enqueue(breaks(['12345'], overloaded))
    const started = await turns.start(request({ prompt: 'abc', system: 'xy' }))
    await until(() => turns.active === 0)
    const message = await test.rooms.store.messages.get(started.messageId)
    expect(message?.usage).toMatchObject({ inputTokens: 'xyabc'.length + 4, outputTokens: 5, estimated: true })
  })
})

it('why() tells of a turn that is not kept what it cost and who was asked, and nothing of its text', async () => {
  await using test = await createTestRooms()
  const turns = createTurns(test.rooms)
  const turnId = createId('trn')
  await turns.start({ turnId, prompt: 'a secret question', origin: 'api', model: 'demo/x', log: false })
  expect(turns.why(turnId)).toBeNull()
  await until(() => turns.active === 0)
  const why = turns.why(turnId.slice(-8))
  expect(why).toMatchObject({
    turn: { turnId, status: 'ended', outcome: { type: 'completed' }, model: 'demo/x' },
    attempts: [{ number: 1, error: null }],
    story: { context: { sentMessages: 1 } },
  })
  expect(JSON.stringify(why)).not.toContain('secret')
  expect(turns.why('trn_nobody')).toBeNull()
})
