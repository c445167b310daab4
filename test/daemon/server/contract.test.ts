// What the daemon answers and publishes, held against the schemas that describe it.

import { Ajv } from 'ajv'
import { expect, it } from 'vitest'
import { readText, send } from '../../../src/client/http.ts'
import { createId, ID_PATTERN } from '../../../src/protocol/ids.ts'
import { type EventType, eventSchema } from '../../../src/protocol/schema/events.ts'
import { type Call, OPERATIONS, type Operation, type RequestOf } from '../../../src/protocol/schema/operations.ts'
import { healthSchema, helloSchema } from '../../../src/protocol/schema/probes.ts'
import { errorSchema } from '../../../src/protocol/schema/scalars.ts'
import { type Aimock, startAimock } from '../../helpers/aimock.ts'
import { clientOf, createHome, type Home } from '../../helpers/home.ts'
import { readEvents } from '../../helpers/raw-socket.ts'
import { until } from '../../helpers/until.ts'

/** One asks the network, the other ends what is tested. */
const NOT_ASKED: readonly string[] = ['models.refresh', 'shutdown']
const EVENT_TYPES: readonly EventType[] = [
  'conversation',
  'finish',
  'reasoning-delta',
  'snapshot',
  'text-delta',
  'turn-end',
  'turn-start',
  'turn-wait',
  'usage',
]
const SHORT = { extra: { words: 5, delayMs: 0 } }
const LONG = { extra: { words: 5_000, delayMs: 5 } }

const ajv = new Ajv({ strict: true, allowUnionTypes: true, allErrors: true })
for (const [name, kind] of [
  ['conversation-id', 'cnv'],
  ['message-id', 'msg'],
  ['turn-id', 'trn'],
  ['device-id', 'dev'],
] as const) {
  ajv.addFormat(name, new RegExp(ID_PATTERN[kind]))
}

it('turns and their conversations are answered and published as their schemas say', async () => {
  await using home = await running()
  await using aimock = await startAimock()
  const { call, asked } = checkedCalls(home)
  const { conversation } = await call('conversations.create', { title: 'empty', system: 'Be brief' })
  const { conversationId } = conversation
  await using all = await follow(home, '*')
  await using own = await follow(home, conversationId)

  await call('turns.estimate', { prompt: 'how much', origin: 'script', model: 'demo/natter' })
  const first = await startAndEnd({ prompt: 'first', parameters: SHORT })
  await startAndEnd({ prompt: 'Markdown', parameters: { extra: { delayMs: 0 } } })
  await startAndEnd({ prompt: 'think', ...overNetwork(aimock) })
  await startAndEnd({ prompt: 'badkey', ...overNetwork(aimock) })
  await startAndEnd({ prompt: 'not stored', log: false, parameters: SHORT })
  const long = await start({ prompt: 'long', parameters: LONG })
  const waiting = await start({ prompt: 'waits', parameters: LONG })
  await until(() => own.types.has('turn-wait'))
  await using late = await follow(home, conversationId)
  await until(() => late.types.has('text-delta'))
  await readAll()
  for (const { turnId } of [long, waiting]) await call('turns.cancel', { turnId })
  await until(isIdle)
  await readAll()
  await until(async () => (await call('conversations.search', { query: 'first' })).hits.length > 0)
  await call('conversations.update', { conversationId, title: 'renamed', parameters: { temperature: 0.5 } })
  await call('conversations.delete', { conversationId })
  await until(() => own.changes.has('deleted') && all.changes.has('deleted'))

  expect([...asked].sort()).toEqual(namesOf(/^(conversations|messages|turns)\./))
  expect([...own.types].sort()).toEqual(EVENT_TYPES)
  expect([...own.problems, ...all.problems, ...late.problems]).toEqual([])

  async function readAll(): Promise<void> {
    await call('turns.list', {})
    for (const { turnId, messageId, userMessageId } of [first, long]) {
      await call('turns.get', { reference: turnId })
      await call('turns.why', { reference: turnId })
      await call('messages.get', { messageId })
      await call('messages.get', { messageId: userMessageId })
    }
    await call('turns.get', { reference: conversationId })
    await call('messages.list', { conversationId })
    await call('messages.list', { conversationId, limit: 1 })
    await call('conversations.list', {})
    await call('conversations.get', { reference: conversationId })
    await call('conversations.latest', { place: { tty: '/dev/pts/9', directory: home.directory } })
  }
  function start(request: Partial<RequestOf<'turns.start'>> & { readonly prompt: string }) {
    return call('turns.start', {
      turnId: createId('trn'),
      conversationId,
      origin: 'script',
      model: 'demo/natter',
      ...request,
    })
  }
  async function startAndEnd(request: Parameters<typeof start>[0]) {
    const started = await start(request)
    await until(isIdle)
    return started
  }
  async function isIdle(): Promise<boolean> {
    return (await call('turns.list', {})).turns.length === 0
  }
})

it('operations on the daemon itself are answered as their schemas say', async () => {
  await using home = await running()
  const { call, asked } = checkedCalls(home)
  await call('status', {})
  await call('limits.status', {})
  for (const by of ['day', 'model', 'device', 'conversation'] as const) await call('usage.summary', { by })
  await call('models.list', { all: true })
  await call('models.list', { environment: { OPENAI_API_KEY: 'sk-test-0123456789' } })
  await call('keys.list', {})
  await call('keys.set', { provider: 'groq', key: 'gsk-0123456789' })
  await call('keys.list', { environment: { ANTHROPIC_API_KEY: 'sk-test-0123456789' } })
  await call('keys.remove', { provider: 'groq' })
  await call('config.set', { name: 'model', value: 'demo/natter' })
  for (const request of [{}, { name: 'model' }, { name: 'nothing' }]) await call('config.get', request)
  await call('devices.list', {})
  const { device } = await call('devices.add', { name: 'phone', scopes: ['ask', 'history'] })
  await call('devices.update', { deviceId: device.deviceId, name: 'tablet', monthlyMicros: 5_000_000 })
  for (const request of [{ port: 0 }, {}, { newToken: true }]) await call('serve.start', request)
  await call('devices.list', {})
  await call('status', {})
  for (let time = 0; time < 2; time += 1) await call('devices.remove', { deviceId: device.deviceId })
  for (let time = 0; time < 2; time += 1) await call('serve.stop', {})
  await call('store.check', {})
  await call('store.backup', { file: `${home.directory}/copy.db` })
  await call('conversations.latest', { place: { tty: null, directory: null } })

  asked.delete('conversations.latest')
  expect([...asked].sort()).toEqual(namesOf(/^(?!conversations\.|messages\.|turns\.)/))
})

it('hello, health and failures are answered as their schemas say', async () => {
  await using home = await running()
  expect(problemsOf(helloSchema, await get(home, '/api/hello'))).toEqual([])
  expect(problemsOf(healthSchema, await get(home, '/health'))).toEqual([])
  const { error } = (await get(home, '/nonsense')) as { readonly error: unknown }
  expect(problemsOf(errorSchema, error)).toEqual([])
})

async function running(): Promise<Home> {
  const home = createHome()
  await clientOf(home).call('status', {})
  return home
}

async function get(home: Home, path: string): Promise<unknown> {
  return JSON.parse(await readText(await send(home.paths.socket, { method: 'GET', path })))
}

function namesOf(pattern: RegExp): readonly string[] {
  const names = Object.keys(OPERATIONS).filter((name) => pattern.test(name) && !NOT_ASKED.includes(name))
  return names.sort()
}

function overNetwork(aimock: Aimock) {
  const environment = { ANTHROPIC_API_KEY: 'sk-test-0123456789', ANTHROPIC_BASE_URL: aimock.baseUrls.anthropic }
  return { model: 'anthropic/claude-sonnet-5', environment }
}

/** Calls that fail where the answer is not what its schema says. */
function checkedCalls(home: Home): { readonly call: Call; readonly asked: Set<string> } {
  const asked = new Set<string>()
  // Of the contract's overloads the caller sees the types; here an answer is what its schema finds it to be.
  return { call: call as Call, asked }

  async function call(operation: Operation, request: unknown): Promise<unknown> {
    const body = JSON.stringify(request)
    const answer = await send(home.paths.socket, { method: 'POST', path: `/api/${operation}`, body })
    const text = await readText(answer)
    expect(answer.statusCode, `${operation} ${text}`).toBe(200)
    const value: unknown = JSON.parse(text)
    expect(problemsOf(OPERATIONS[operation].response, value), `${operation} ${text}`).toEqual([])
    asked.add(operation)
    return value
  }
}

interface Follower extends AsyncDisposable {
  readonly types: Set<EventType>
  /** What befell conversations. */
  readonly changes: Set<string>
  readonly problems: string[]
}

/** A reader that is known to the daemon when this resolves. */
async function follow(home: Home, conversation: string): Promise<Follower> {
  const { call } = clientOf(home)
  const { subscribers } = await call('status', {})
  const ending = new AbortController()
  const types = new Set<EventType>()
  const changes = new Set<string>()
  const problems: string[] = []
  const reading = read()
  await until(async () => (await call('status', {})).subscribers > subscribers)
  return { types, changes, problems, [Symbol.asyncDispose]: stop }

  async function read(): Promise<void> {
    const { signal } = ending
    for await (const event of readEvents(home.paths.socket, conversation, { lastSeq: null, signal })) {
      const found = problemsOf(eventSchema, event)
      if (found.length > 0) problems.push(`${JSON.stringify(event)}: ${found.join(', ')}`)
      types.add(event.type)
      if (event.type === 'conversation') changes.add(event.change)
    }
  }
  async function stop(): Promise<void> {
    ending.abort()
    await reading
  }
}

function problemsOf(schema: object, value: unknown): readonly string[] {
  // Compiles a schema once: it knows the object again.
  const validate = ajv.compile(schema)
  return validate(value) ? [] : (validate.errors ?? []).map(({ instancePath, message }) => `${instancePath} ${message}`)
}
