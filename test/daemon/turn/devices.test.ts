// Turns of devices: what a revoked one began ends, and it begins nothing more.

import { expect, it } from 'vitest'
import { createLimits } from '../../../daemon/limits/limits.ts'
import { UNKNOWN_LIMITS } from '../../../daemon/limits/presets.ts'
import { textOfMessage } from '../../../daemon/providers/provider.ts'
import { createTurns } from '../../../daemon/turn/turns.ts'
import { createId } from '../../../src/protocol/ids.ts'
import { createTestRooms, hangs, says } from '../../helpers/rooms.ts'
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

it('a device with many questions that are kept nowhere stands once in the round, and so does the API of the owner', async () => {
  await using test = await createTestRooms()
  const budget = { limitOf: () => null, ledger: () => 0, now: Date.now }
  const limits = createLimits({ limitsOf: () => ({ ...UNKNOWN_LIMITS, concurrent: 1 }), budget, random: () => 0 })
  const turns = createTurns({ ...test.rooms, limits })
  const [one, two] = [createId('dev'), createId('dev')]
  const ask = (prompt: string, deviceId: typeof one | null, change: object = {}) =>
    turns.start(request({ prompt, log: false, ...change }), { deviceId, brought: null })
  const gate = Promise.withResolvers<void>()
  test.provider.enqueue(async function* () {
    await gate.promise
    yield* says(['ok'])({} as never, {} as never)
  })
  for (let question = 0; question < 10; question += 1) await ask('first', one)
  for (let question = 0; question < 10; question += 1) await ask('owner', null)
  await ask('kept', one, { log: true })
  await ask('second', two)
  await until(async () => (await limits.limiter.status()).some(({ waiting }) => waiting === 21))
  gate.resolve()
  await until(() => turns.active === 0)
  const order = test.provider.calls.map(({ request: asked }) => asked.messages.map(textOfMessage).join(''))
  expect(order.slice(0, 4)).toEqual(['first', 'first', 'owner', 'second'])
  expect(order).toHaveLength(22)
})
