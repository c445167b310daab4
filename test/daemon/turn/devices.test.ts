// Turns of devices: what a revoked one began ends, and it begins nothing more.

import { expect, it } from 'vitest'
import { createTurns } from '../../../daemon/turn/turns.ts'
import { createId } from '../../../src/protocol/ids.ts'
import { createTestRooms, hangs } from '../../helpers/rooms.ts'
import { until } from '../../helpers/until.ts'

function request(change: object = {}) {
  return { turnId: createId('trn'), prompt: 'question', origin: 'api', model: 'ollama/x', ...change } as const
}

it('deviceGone() stops what runs at once, refuses starts that are under way, and waits for no other', async () => {
  await using test = await createTestRooms()
  const known = new Set([createId('dev'), createId('dev')])
  const [gone, other] = [...known]
  const looking = Promise.withResolvers<void>()
  const conversations = {
    ...test.rooms.store.conversations,
    get: async (id: Parameters<typeof test.rooms.store.conversations.get>[0]) => {
      await looking.promise
      return test.rooms.store.conversations.get(id)
    },
  }
  const rooms = { ...test.rooms, store: { ...test.rooms.store, conversations } }
  const turns = createTurns(rooms, { isKnownDevice: (deviceId) => known.has(deviceId) })
  for (let turn = 0; turn < 2; turn += 1) test.provider.enqueue(hangs(['half']))
  const caller = (deviceId = gone) => ({ deviceId: deviceId ?? null, brought: null })
  await turns.start(request(), caller())
  await turns.start(request(), caller(other))
  const { conversationId } = await test.rooms.store.conversations.create({
    ...{ conversationId: createId('cnv'), title: 'x', model: null, system: null, parameters: {}, createdAt: 1 },
  })
  const late = turns.start(request({ conversationId }), caller())
  const refused = expect(late).rejects.toMatchObject({ code: 'permission-denied' })
  await until(() => test.provider.calls.length === 2)
  known.delete(gone ?? createId('dev'))
  const ended = turns.deviceGone(gone ?? createId('dev'))
  // The start that is under way hangs still; what ran does not wait for it.
  await until(() => turns.list().length === 1)
  looking.resolve()
  await refused
  await ended
  expect(turns.list()).toHaveLength(1)
  expect(test.provider.calls).toHaveLength(2)
  await turns.drain(0)
})
