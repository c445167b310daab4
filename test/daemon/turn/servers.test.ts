import { expect, it } from 'vitest'
import type { LocalServer } from '../../../daemon/providers/discovery.ts'
import type { ListedModel } from '../../../daemon/providers/provider.ts'
import { listModels } from '../../../daemon/turn/list-models.ts'
import type { Rooms } from '../../../daemon/turn/rooms.ts'
import { chooseModel, defaultModel } from '../../../daemon/turn/target.ts'
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

const named = (name: string) => ({ named: name, conversation: null, environment: {} })

/** The rooms with a list of models, each by its name alone. */
function withCatalogue(rooms: Rooms, ...names: readonly string[]): Rooms {
  const models = names.map((model) => ({
    ...{ model, provider: model.slice(0, model.indexOf('/')), name: model },
    ...{ contextTokens: null, outputTokens: null, inputPrice: null, outputPrice: null, cachedInputPrice: null },
    ...{ input: ['text' as const], output: ['text' as const], reasoning: null },
  }))
  return {
    ...rooms,
    catalogue: { ...rooms.catalogue, list: () => Promise.resolve(models), defaultModel: () => null },
  }
}

it('chooseModel() knows a part of a name that only a found server or one of the settings has', async () => {
  await using test = await createTestRooms()
  test.settings = { providers: { box: { baseUrl: 'http://box.test:1/v1' } } }
  const rooms = withCatalogue(
    roomsWith(test, FOUND, () => Promise.resolve([toListed('fake-1')])),
    'openai/fake-1-mini',
  )
  expect((await chooseModel(rooms, named('othe'))).model).toBe('vllm/other')
  expect((await chooseModel(rooms, named('fake-1'))).model).toBe('box/fake-1')
  await expect(chooseModel(rooms, named('fake-2'))).rejects.toMatchObject({
    code: 'model-not-found',
    hint: expect.stringContaining('box/fake-1'),
  })
})

it('chooseModel() takes a whole name that a server has, where it is a part of several others', async () => {
  await using test = await createTestRooms()
  test.keys.set('groq', 'k')
  const rooms = withCatalogue(
    roomsWith(test, FOUND, () => Promise.resolve([])),
    'groq/near-8b',
    'groq/near-70b',
  )
  expect((await chooseModel(rooms, named('near'))).model).toBe('ollama/near')
  await expect(chooseModel(rooms, named('nea'))).rejects.toMatchObject({ code: 'ambiguous' })
})

it('chooseModel() asks no server for a name that the lists know', async () => {
  await using test = await createTestRooms()
  test.keys.set('groq', 'k')
  const rooms = withCatalogue(test.rooms, 'groq/llama-70b')
  const discoverLocal = () => Promise.reject(new Error('not to be asked'))
  const unasked = { ...rooms, providers: { ...rooms.providers, discoverLocal } }
  expect((await chooseModel(unasked, named('llama'))).model).toBe('groq/llama-70b')
})

it('chooseModel() takes for a provider alone what its settings say, else the first that its server offers', async () => {
  await using test = await createTestRooms()
  test.settings = { providers: { openai: { defaultModel: 'gpt-mine' }, box: { baseUrl: 'http://box.test:1/v1' } } }
  const rooms = withCatalogue(
    roomsWith(test, [], () => Promise.resolve([toListed('one'), toListed('two')])),
    'openai/a',
    'openai/b',
    'lmstudio/c',
    'groq/c',
  )
  expect(await chooseModel(rooms, named('openai'))).toEqual({ model: 'openai/gpt-mine', notice: null })
  expect(await chooseModel(rooms, named('box'))).toEqual({
    model: 'box/one',
    notice: 'using box/one, the first of 2 at http://box.test:1/v1',
  })
  expect((await chooseModel(rooms, named('lmstudio'))).model).toBe('lmstudio/one')
  await expect(chooseModel(rooms, named('groq'))).rejects.toMatchObject({
    message: 'Cannot choose a model of "groq": it has no default',
    hint: 'Name one, as groq/NAME, or run "natter config set providers.groq.defaultModel NAME"',
  })
  expect((await chooseModel(test.rooms, named('groq'))).model).toBe('groq/default')
})

it('chooseModel() says why a server that was named alone offers nothing', async () => {
  await using test = await createTestRooms()
  const withNothing = (listed: () => Promise<readonly ListedModel[]>) => withCatalogue(roomsWith(test, [], listed))
  const absent = withNothing(() => Promise.reject(new Error('nobody there')))
  await expect(chooseModel(absent, named('lmstudio'))).rejects.toMatchObject({
    ...{ code: 'connection-failed', message: 'nobody there' },
    hint: 'Start the server of "lmstudio", or name a model',
  })
  const empty = withNothing(() => Promise.resolve([]))
  await expect(chooseModel(empty, named('lmstudio'))).rejects.toMatchObject({
    ...{ code: 'model-not-found', message: 'Cannot choose a model of "lmstudio": it offers none now' },
  })
})

const SHELL = { OPENAI_BASE_URL: 'http://box.test:1/v1' }

it('chooseModel() takes the first model of a server that the shell names without a key', async () => {
  await using test = await createTestRooms()
  const rooms = roomsWith(test, FOUND, () => Promise.resolve([toListed('far'), toListed('further')]))
  const asked = { named: null, conversation: null, environment: SHELL }
  const chosen = { model: 'openai/far', notice: 'using openai/far, found at http://box.test:1/v1' }
  expect(await chooseModel(rooms, asked)).toEqual(chosen)
  expect((await chooseModel(rooms, { ...asked, named: 'openai' })).model).toBe('openai/far')
  test.settings = { providers: { openai: { defaultModel: 'mine' } } }
  expect((await chooseModel(rooms, asked)).model).toBe('openai/mine')
  expect((await chooseModel(rooms, { ...asked, named: 'openai' })).model).toBe('openai/mine')
  test.keys.set('openai', 'stored')
  test.settings = {}
  expect(await chooseModel(rooms, asked)).toEqual({ model: 'openai/default', notice: null })
})

it('chooseModel() finds a part of a name at a server that the shell names, not among the models of the vendor', async () => {
  await using test = await createTestRooms()
  const rooms = withCatalogue(
    roomsWith(test, [], () => Promise.resolve([toListed('fake-local')])),
    'openai/fake-1',
  )
  const asked = { named: 'fake', conversation: null, environment: SHELL }
  expect((await chooseModel(rooms, asked)).model).toBe('openai/fake-local')
})

it('defaultModel() says so where a server that the shell names offers nothing', async () => {
  await using test = await createTestRooms()
  const rooms = roomsWith(test, [], () => Promise.reject(new Error('nobody there')))
  expect(await defaultModel(rooms, SHELL)).toEqual({
    model: 'demo/natter',
    notice: '"openai" offers no model now: this is the built-in demo, not an AI',
  })
})

it('listModels() lists what a server has that the shell names without a key, and not what its vendor has', async () => {
  await using test = await createTestRooms()
  const listed = () => Promise.resolve([toListed('far')])
  const rooms = withCatalogue(roomsWith(test, [], listed), 'openai/gpt', 'groq/llama')
  const names = async (all: boolean) =>
    (await listModels(rooms, { environment: SHELL, all })).models.map(({ model, available }) => [model, available])
  expect(await names(false)).toEqual([['openai/far', true]])
  expect(await names(true)).toEqual([
    ['openai/far', true],
    ['groq/llama', false],
  ])
})
