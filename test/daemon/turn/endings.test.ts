// A turn ends once and is let go, whatever breaks around it.

import { expect, it } from 'vitest'
import type { Settings } from '../../../daemon/settings-schema.ts'
import { createTurns } from '../../../daemon/turn/turns.ts'
import { createId, type TurnId } from '../../../src/protocol/ids.ts'
import { createTestRooms, hangs, says, type TestRooms } from '../../helpers/rooms.ts'
import { until } from '../../helpers/until.ts'

const BROKEN = new Error('Cannot read settings')

function request(change: object = {}) {
  return { turnId: createId('trn'), prompt: 'question', origin: 'script', model: 'ollama/x', ...change } as const
}

/** Rooms whose settings can break, as a file does that is being edited. */
function breakable(test: TestRooms, settings: Settings = {}) {
  const state = { isBroken: false }
  const read = () => {
    if (state.isBroken) throw BROKEN
    return settings
  }
  return { state, rooms: { ...test.rooms, settings: read } }
}

async function attemptsOf({ rooms }: TestRooms, turnId: TurnId) {
  return (await rooms.store.turns.why(turnId)).attempts
}

it.each([{ cache: 'off' }, { cache: 'use' }] as const)(
  'createTurns() ends a turn as if nothing were where the settings break while it runs: cache $cache',
  async ({ cache }) => {
    await using test = await createTestRooms()
    // As after a long conversation that a small server cut silently: then the settings are asked whether it is local.
    const { rooms, state } = breakable(test, { fallback: { policy: 'auto', models: ['ollama/y'] } })
    const turns = createTurns(rooms)
    test.provider.enqueue(async function* () {
      state.isBroken = true
      yield* says(['an answer'])({} as never, {} as never)
    })
    using all = await rooms.hub.subscribe({ conversations: '*', after: null })
    const { turnId } = await turns.start(request({ cache, prompt: 'long '.repeat(1_000) }))
    await until(() => turns.active === 0)
    const ends = all.take(1e6).filter(({ type }) => type === 'turn-end')
    expect(ends).toHaveLength(1)
    expect((await rooms.store.turns.get(turnId))?.outcome).toEqual({ type: 'completed' })
    const rows = await rooms.store.usage.report({ since: 0, until: Date.now() + 1, by: 'model', limit: 9 })
    expect(rows).toMatchObject([{ key: 'ollama/x', calls: 1, costMicros: 42 }])
    await expect(turns.start(request())).rejects.toThrow(BROKEN)
    await turns.drain(60_000)
  },
)

it.each([true, false])('createTurns() ends a turn once where the budget cannot be looked up, log %s', async (log) => {
  await using test = await createTestRooms()
  let isBroken = false
  const spent = (deviceId: Parameters<typeof test.rooms.limits.spending.spent>[0]) => {
    if (isBroken) throw BROKEN
    return test.rooms.limits.spending.spent(deviceId)
  }
  const spending = { ...test.rooms.limits.spending, spent }
  const rooms = { ...test.rooms, limits: { ...test.rooms.limits, spending } }
  const turns = createTurns(rooms)
  test.provider.enqueue(async function* () {
    isBroken = true
    yield* says(['an answer'])({} as never, {} as never)
  })
  using all = await rooms.hub.subscribe({ conversations: '*', after: null })
  await turns.start(request({ log }))
  await until(() => turns.active === 0)
  expect(all.take(1e6).filter(({ type }) => type === 'turn-end')).toHaveLength(1)
  const rows = await rooms.store.usage.report({ since: 0, until: Date.now() + 1, by: 'model', limit: 9 })
  expect(rows).toMatchObject([{ key: 'ollama/x', calls: 1, costMicros: 42 }])
  expect(test.rooms.limits.spending.spent(null)).toMatchObject({ spentMicros: 42, reservedMicros: 0 })
})

it('drain() resolves where an end can be told to nobody', async () => {
  await using test = await createTestRooms()
  let isClosed = false
  const publish: typeof test.rooms.hub.publish = (event) =>
    isClosed ? Promise.reject(new Error('closed')) : test.rooms.hub.publish(event)
  const turns = createTurns({ ...test.rooms, hub: { ...test.rooms.hub, publish } })
  test.provider.enqueue(hangs(['half']))
  const { turnId } = await turns.start(request())
  await until(() => test.provider.calls.length === 1)
  isClosed = true
  await turns.drain(1)
  expect(turns.active).toBe(0)
  expect((await test.rooms.store.turns.get(turnId))?.outcome).toMatchObject({ type: 'failed' })
  expect(await attemptsOf(test, turnId)).toHaveLength(1)
})

it('cancel() ends a turn at once that waits for the same answer as another', async () => {
  await using test = await createTestRooms()
  const turns = createTurns(test.rooms)
  test.provider.enqueue(hangs(['half']))
  const first = await turns.start(request({ cache: 'use' }))
  await until(() => test.provider.calls.length === 1)
  const second = await turns.start(request({ cache: 'use' }))
  await until(() => turns.get(second.turnId)?.status === 'running')
  await turns.cancel(second.turnId)
  expect((await test.rooms.store.turns.get(second.turnId))?.outcome).toEqual({ type: 'cancelled' })
  expect(turns.list().map(({ turnId }) => turnId)).toEqual([first.turnId])
  expect(test.provider.calls).toHaveLength(1)
  await turns.drain(0)
})
