import { describe, expect, it } from 'vitest'
import { isAvailable, toEndpoint } from '../../../daemon/turn/endpoints.ts'
import { chooseModel, resolveTarget } from '../../../daemon/turn/target.ts'
import { createTestRooms } from '../../helpers/rooms.ts'

const nothing = { named: null, conversation: null, environment: {} }

describe('toEndpoint()', () => {
  it('uses the key and the base URL of the shell together', async () => {
    await using test = await createTestRooms()
    test.keys.set('openai', 'stored')
    const environment = { OPENAI_API_KEY: 'shell', OPENAI_BASE_URL: 'http://127.0.0.1:1/v1' }
    expect(await toEndpoint(test.rooms, 'openai', environment)).toMatchObject({
      apiKey: 'shell',
      baseUrl: 'http://127.0.0.1:1/v1',
    })
  })

  it('never sends a stored key to a base URL of the shell', async () => {
    await using test = await createTestRooms()
    test.keys.set('openai', 'stored')
    expect(await toEndpoint(test.rooms, 'openai', { OPENAI_BASE_URL: 'http://evil.test/v1' })).toMatchObject({
      apiKey: 'stored',
      baseUrl: 'https://api.openai.com/v1',
    })
  })

  it('calls a base URL of the shell without a key where there is none, and sends it no header of the settings', async () => {
    await using test = await createTestRooms()
    test.settings = { providers: { openai: { headers: { authorization: 'Bearer secret' } } } }
    const environment = { OPENAI_BASE_URL: 'http://box.test:1234/v1' }
    const endpoint = await toEndpoint(test.rooms, 'openai', environment)
    expect(endpoint).toMatchObject({ apiKey: null, baseUrl: 'http://box.test:1234/v1', headers: {}, local: true })
    expect(await isAvailable(test.rooms, 'openai', environment)).toBe(true)
  })

  it("asks for a key where the base URL of the shell is the vendor's own host", async () => {
    await using test = await createTestRooms()
    const environment = { OPENAI_BASE_URL: 'https://api.openai.com/v1/' }
    await expect(toEndpoint(test.rooms, 'openai', environment)).rejects.toMatchObject({ code: 'key-missing' })
    expect(await isAvailable(test.rooms, 'openai', environment)).toBe(false)
    expect(await isAvailable(test.rooms, 'groq', { OPENAI_BASE_URL: 'http://box.test:1/v1' })).toBe(false)
  })

  it('takes a base URL of the shell where no key is needed', async () => {
    await using test = await createTestRooms()
    expect(await toEndpoint(test.rooms, 'ollama', { OLLAMA_HOST: '0.0.0.0:9999' })).toMatchObject({
      apiKey: null,
      baseUrl: 'http://127.0.0.1:9999/v1',
    })
  })

  it.each(['http://', '', '  '])('calls the usual port where OLLAMA_HOST is %j', async (host) => {
    await using test = await createTestRooms()
    const { baseUrl } = await toEndpoint(test.rooms, 'ollama', { OLLAMA_HOST: host })
    expect(baseUrl).toBe('http://127.0.0.1:11434/v1')
  })

  it('says which key is missing and how to set it', async () => {
    await using test = await createTestRooms()
    await expect(toEndpoint(test.rooms, 'anthropic', {})).rejects.toMatchObject({
      code: 'key-missing',
      hint: 'Run "natter keys set anthropic" or set ANTHROPIC_API_KEY',
    })
  })

  it.each(['constructor', 'valueOf', '__proto__'])(
    'takes a server called "%s" for what the settings say',
    async (name) => {
      await using test = await createTestRooms()
      await expect(toEndpoint(test.rooms, name, {})).rejects.toMatchObject({
        message: `Cannot call provider "${name}": its settings lack a base URL`,
      })
      const server = { baseUrl: 'http://127.0.0.1:7/v1', format: 'anthropic' }
      test.settings = { providers: JSON.parse(`{${JSON.stringify(name)}: ${JSON.stringify(server)}}`) }
      expect(await toEndpoint(test.rooms, name, {})).toMatchObject({ ...server, apiKey: null, local: true })
    },
  )

  it('reads servers, headers and timers from the settings', async () => {
    await using test = await createTestRooms()
    test.settings = {
      timers: { totalMs: 5 },
      providers: { mine: { baseUrl: 'http://127.0.0.1:7/v1', headers: { 'x-team': 'a' }, timers: { connectMs: 9 } } },
    }
    expect(await toEndpoint(test.rooms, 'mine', {})).toMatchObject({
      format: 'openai-chat',
      local: true,
      headers: { 'x-team': 'a' },
      timers: { connect: 9, total: 5 },
    })
    test.settings = { providers: { mine: {} } }
    await expect(toEndpoint(test.rooms, 'mine', {})).rejects.toThrow('lack a base URL')
  })
})

describe('resolveTarget()', () => {
  it('says that a base URL of the shell is not used with a stored key, and how it would be', async () => {
    await using test = await createTestRooms()
    test.keys.set('openai', 'stored').set('ollama', 'stored')
    const noticeFor = async (named: string, environment: object) =>
      (await resolveTarget(test.rooms, { ...nothing, named, environment })).notice
    expect(await noticeFor('openai/x', { OPENAI_BASE_URL: 'http://proxy.test/v1' })).toBe(
      'OPENAI_BASE_URL is not used: the key for "openai" is stored, and a stored key is sent nowhere a variable says; set OPENAI_API_KEY too, or providers.openai.baseUrl',
    )
    expect(await noticeFor('ollama/x', { OLLAMA_HOST: 'box.test' })).toBe(
      'OLLAMA_HOST is not used: the key for "ollama" is stored, and a stored key is sent nowhere a variable says; set providers.ollama.baseUrl',
    )
    test.settings = { providers: { anthropic: { baseUrl: 'http://proxy.test' } } }
    test.keys.set('anthropic', 'stored')
    expect(await noticeFor('anthropic/x', { ANTHROPIC_BASE_URL: 'http://proxy.test' })).toBeNull()
    expect(await noticeFor('openai/x', { OPENAI_BASE_URL: 'http://a.test', OPENAI_API_KEY: 'k' })).toBeNull()
    expect(await noticeFor('openai/x', {})).toBeNull()
    expect(await noticeFor('groq/x', { OPENAI_BASE_URL: 'http://a.test', GROQ_API_KEY: 'k' })).toBeNull()
    test.keys.delete('ollama')
    expect(await noticeFor('ollama/x', { OLLAMA_HOST: 'box.test' })).toBeNull()
  })
})

describe('chooseModel()', () => {
  it('prefers what was named, then the conversation, then the settings', async () => {
    await using test = await createTestRooms()
    test.settings = { model: 'demo/settings', aliases: { fast: 'demo/quick' } }
    expect((await chooseModel(test.rooms, { ...nothing, named: 'fast', conversation: 'demo/old' })).model).toBe(
      'demo/quick',
    )
    expect((await chooseModel(test.rooms, { ...nothing, conversation: 'demo/old' })).model).toBe('demo/old')
    expect((await chooseModel(test.rooms, nothing)).model).toBe('demo/settings')
  })

  it('takes the first provider with a key, and the demo where there is none', async () => {
    await using test = await createTestRooms()
    expect(await chooseModel(test.rooms, nothing)).toMatchObject({
      model: 'demo/natter',
      notice: expect.stringContaining('not an AI'),
    })
    test.keys.set('groq', 'k')
    expect((await chooseModel(test.rooms, nothing)).model).toBe('groq/default')
    const environment = { GOOGLE_API_KEY: 'k' }
    expect((await chooseModel(test.rooms, { ...nothing, environment })).model).toBe('gemini/default')
  })
})
