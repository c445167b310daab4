import { expect, it } from 'vitest'
import { costOf, countedUsage } from '../../../daemon/turn/cost.ts'
import { recordCall } from '../../../daemon/turn/record-call.ts'
import { createTestRooms } from '../../helpers/rooms.ts'

it('costOf() knows no cost without usage, nor where the price list cannot be read, which is logged', async () => {
  await using test = await createTestRooms()
  const told: string[] = []
  const log = { ...test.rooms.log, warn: (_facts: object, message: string) => told.push(message) }
  const cost = () => Promise.reject(new Error('no list'))
  const broken = { catalogue: { ...test.rooms.catalogue, cost }, log }
  expect(await costOf(test.rooms, 'ollama/m', countedUsage(1, 2))).toBe(42)
  expect(await costOf(broken, 'ollama/m', null)).toBeNull()
  expect(told).toEqual([])
  expect(await costOf(broken, 'ollama/m', countedUsage(1, 2))).toBeNull()
  expect(told).toEqual(['cost unknown'])
})

it('recordCall() writes one row and tells the metrics once', async () => {
  await using test = await createTestRooms()
  const told: object[] = []
  const metrics = { ...test.rooms.metrics, turnEnded: (facts: object) => told.push(facts) }
  recordCall(
    { ...test.rooms, metrics, now: () => 1_100 },
    {
      ...{ operation: 'embeddings', origin: 'api', deviceId: null, model: 'ollama/m', usage: countedUsage(7, 0) },
      ...{ costMicros: 5, outcome: { type: 'completed' }, waitedMs: 3, startedAt: 1_000, attempts: [] },
    },
  )
  expect(told).toMatchObject([{ outcome: 'completed', totalMs: 100, waitedMs: 3, costMicros: 5 }])
  const rows = await test.rooms.store.usage.report({ since: 0, until: Date.now(), by: 'model', limit: 9 })
  expect(rows).toMatchObject([{ key: 'ollama/m', calls: 1, inputTokens: 7, costMicros: 5 }])
})
