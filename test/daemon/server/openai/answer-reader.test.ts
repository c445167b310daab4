import fc from 'fast-check'
import { expect, it } from 'vitest'
import { createMemoryHub } from '../../../../daemon/hub/memory-hub.ts'
import { createAnswerReader } from '../../../../daemon/server/openai/answer-reader.ts'
import { createId } from '../../../../src/protocol/ids.ts'
import { EMPTY_REPLY, fold, type StreamPart } from '../../../../src/protocol/stream.ts'

const ids = { conversationId: createId('cnv'), turnId: createId('trn') }
const START = {
  ...ids,
  type: 'turn-start' as const,
  messageId: createId('msg'),
  userMessageId: createId('msg'),
  model: 'a/b',
  origin: 'api' as const,
}

function createTestHub() {
  let seq = 0
  return createMemoryHub({ nextSeq: () => ++seq })
}

const text = fc.string({ maxLength: 12 })
const part: fc.Arbitrary<Extract<StreamPart, { text: string }>> = fc.oneof(
  fc.record({ type: fc.constant('text-delta' as const), text }),
  fc.record({ type: fc.constant('reasoning-delta' as const), text }),
  fc.record({
    type: fc.constant('tool-call-delta' as const),
    callId: fc.constantFrom('call_1', 'call_2'),
    name: fc.constant('f'),
    text,
  }),
  // Enough for the log to drop its tail, so that the next look is a snapshot.
  fc.record({ type: fc.constant('text-delta' as const), text: fc.constant('日'.repeat(300_000)) }),
)

it('createAnswerReader() gives each part once, by events or snapshots, whenever it looks', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(fc.tuple(part, fc.boolean()), { maxLength: 12 }), fc.nat(12), async (steps, joins) => {
      using hub = createTestHub()
      await hub.publish(START)
      let written = EMPTY_REPLY
      let read = EMPTY_REPLY
      for (const [before] of steps.slice(0, joins)) await say(before)
      using subscription = await hub.subscribe({ conversations: [ids.conversationId], after: null })
      const reader = createAnswerReader(subscription, ids.turnId, 'a/b')
      for (const [next, looks] of steps.slice(joins)) {
        await say(next)
        if (looks) look()
      }
      await hub.publish({ ...ids, type: 'finish', reason: 'stop', raw: 'stop' })
      const end = {
        outcome: { type: 'completed' },
        usage: null,
        costMicros: null,
        firstPartMs: null,
        model: 'c/d',
      } as const
      await hub.publish({ ...ids, type: 'turn-end', ...end })
      while (reader.ending === null) look()
      look()
      expect(read.parts).toEqual(written.parts)
      expect(reader.ending).toEqual({ finish: { reason: 'stop', raw: 'stop' }, usage: null, failure: null })
      expect(reader.model).toBe('c/d')

      async function say(next: StreamPart): Promise<void> {
        written = fold(written, next)
        await hub.publish({ ...ids, ...next } as never)
      }
      function look(): void {
        for (const taken of reader.take()) read = fold(read, taken)
      }
    }),
    { numRuns: 150 },
  )
})

it('createAnswerReader() passes over other turns of the conversation', async () => {
  using hub = createTestHub()
  const other = createId('trn')
  await hub.publish({ ...START, turnId: other })
  await hub.publish({ ...ids, turnId: other, type: 'text-delta', text: 'not mine' })
  await hub.publish(START)
  using subscription = await hub.subscribe({ conversations: [ids.conversationId], after: null })
  const reader = createAnswerReader(subscription, ids.turnId, 'a/b')
  await hub.publish({ ...ids, turnId: other, type: 'text-delta', text: ' neither' })
  await hub.publish({ ...ids, type: 'text-delta', text: 'mine' })
  expect(reader.take()).toMatchObject([{ type: 'text-delta', text: 'mine' }])
})

it('createAnswerReader() ends as interrupted where the turn is in memory no more', async () => {
  using hub = createTestHub()
  using subscription = await hub.subscribe({ conversations: [ids.conversationId], after: null })
  const reader = createAnswerReader(subscription, ids.turnId, 'a/b')
  expect(reader.take()).toEqual([])
  expect(reader.ending?.failure).toMatchObject({ code: 'interrupted' })
})
