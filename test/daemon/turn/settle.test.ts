// What a turn is booked with, where its answer was not finished.

import { expect, it } from 'vitest'
import { createTurns } from '../../../daemon/turn/turns.ts'
import { createId } from '../../../src/protocol/ids.ts'
import type { StreamPart, Usage } from '../../../src/protocol/stream.ts'
import { createTestRooms } from '../../helpers/rooms.ts'
import { until } from '../../helpers/until.ts'

/** As Anthropic's `message_start` tells it: the input is right, the output was only begun. */
const STARTED: Usage = {
  inputTokens: 1200,
  outputTokens: 1,
  cachedInputTokens: 1000,
  cacheWriteTokens: 0,
  reasoningTokens: 0,
  estimated: true,
}

/** In test rooms each letter is a token. */
async function booked(parts: readonly StreamPart[], usage: Usage) {
  await using test = await createTestRooms()
  const turns = createTurns(test.rooms)
  test.provider.enqueue(async function* () {
    yield [...parts, { type: 'usage', usage }]
    throw new Error('cut')
  })
  const { turnId } = await turns.start({ turnId: createId('trn'), prompt: 'q', origin: 'script', model: 'ollama/x' })
  await until(() => turns.active === 0)
  return (await test.rooms.store.turns.get(turnId))?.usage
}

it('settleUsage() counts what an unfinished answer says, and keeps the input that was reported', async () => {
  const parts = [
    { type: 'reasoning-delta', text: 'r'.repeat(40) },
    { type: 'text-delta', text: 't'.repeat(100) },
    { type: 'tool-call-delta', callId: 'call_1', name: 'f', text: '{}' },
  ] as const
  expect(await booked(parts, STARTED)).toEqual({ ...STARTED, outputTokens: 142, reasoningTokens: 40 })
})

it('settleUsage() never counts less than was reported, and leaves what is known as it is', async () => {
  const parts = [{ type: 'text-delta', text: 'abc' }] as const
  expect(await booked(parts, { ...STARTED, outputTokens: 9 })).toEqual({ ...STARTED, outputTokens: 9 })
  expect(await booked(parts, { ...STARTED, estimated: false })).toEqual({ ...STARTED, estimated: false })
})
