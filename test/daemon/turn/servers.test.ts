import { expect, it } from 'vitest'
import type { LocalServer } from '../../../daemon/providers/discovery.ts'
import type { ListedModel } from '../../../daemon/providers/provider.ts'
import { listModels } from '../../../daemon/turn/list-models.ts'
import type { Rooms } from '../../../daemon/turn/rooms.ts'
import { defaultModel } from '../../../daemon/turn/target.ts'
import { createTestRooms, type TestRooms } from '../../helpers/rooms.ts'

const MOVED = { providers: { ollama: { baseUrl: 'http://box.test:1/v1' } } }

/** Rooms in which these servers were found, and each other one that is asked lists these models. */
function roomsWith(
  test: TestRooms,
  found: readonly LocalServer[],
  listed: () => Promise<readonly ListedModel[]>,
): Rooms {
  const { providers } = test.rooms
  const provider: typeof providers.provider = (endpoint) => ({ ...providers.provider(endpoint), listModels: listed })
  return { ...test.rooms, providers: { ...providers, provider, discoverLocal: () => Promise.resolve(found) } }
}

const toListed = (id: string): ListedModel => ({ id, name: null, contextTokens: null, outputTokens: null })
const FOUND: readonly LocalServer[] = [
  { provider: 'ollama', baseUrl: 'http://127.0.0.1:11434/v1', models: [toListed('near')] },
  { provider: 'vllm', baseUrl: 'http://127.0.0.1:8000/v1', models: [toListed('other')] },
]

it('listModels() asks a known server where the settings say it is, and not on its usual port', async () => {
  await using test = await createTestRooms()
  test.settings = MOVED
  const rooms = roomsWith(test, FOUND, () => Promise.resolve([toListed('far')]))
  const { models, notices } = await listModels(rooms, {})
  expect(models.map(({ model, available, isDefault }) => ({ model, available, isDefault }))).toEqual([
    { model: 'vllm/other', available: true, isDefault: false },
    { model: 'ollama/far', available: true, isDefault: true },
  ])
  expect(notices).toEqual([])
})

it('listModels() says what is wrong with a server that was moved', async () => {
  await using test = await createTestRooms()
  test.settings = MOVED
  const rooms = roomsWith(test, [], () => Promise.reject(new Error('nobody there')))
  const { models, notices } = await listModels(rooms, {})
  expect(models).toMatchObject([{ model: 'demo/natter', isDefault: true }])
  expect(notices).toEqual(['nobody there'])
})

it('defaultModel() takes a server that was moved before one that was found, and one with a key before both', async () => {
  await using test = await createTestRooms()
  test.settings = MOVED
  const rooms = roomsWith(test, FOUND, () => Promise.resolve([toListed('far')]))
  expect(await defaultModel(rooms, {})).toEqual({
    model: 'ollama/far',
    notice: 'using ollama/far, found at http://box.test:1/v1',
  })
  test.keys.set('groq', 'k')
  expect(await defaultModel(rooms, {})).toEqual({ model: 'groq/default', notice: null })
})

it('defaultModel() goes on to what was found, and to the demo, where a server that was moved offers nothing', async () => {
  await using test = await createTestRooms()
  test.settings = MOVED
  const nothing = () => Promise.resolve([])
  expect((await defaultModel(roomsWith(test, FOUND, nothing), {})).model).toBe('vllm/other')
  expect(await defaultModel(roomsWith(test, [], nothing), {})).toEqual({
    model: 'demo/natter',
    notice: '"ollama" offers no model now: this is the built-in demo, not an AI',
  })
})

it('defaultModel() moves nothing but the address with other settings of a known server', async () => {
  await using test = await createTestRooms()
  test.settings = { providers: { ollama: { headers: { 'x-team': 'a' } } } }
  const rooms = roomsWith(test, FOUND, () => Promise.reject(new Error('not to be asked')))
  expect((await defaultModel(rooms, {})).model).toBe('ollama/near')
})
