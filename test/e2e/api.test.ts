import { request } from 'node:http'
import { connect } from 'node:net'
import fc from 'fast-check'
import { expect, it } from 'vitest'
import { readText, send } from '../../src/client/http.ts'
import { createId } from '../../src/protocol/ids.ts'
import type { NatterEvent } from '../../src/protocol/schema/events.ts'
import { OPERATIONS } from '../../src/protocol/schema/operations.ts'
import { EMPTY_REPLY, fold, type ReplyState, textOf } from '../../src/protocol/stream.ts'
import { clientOf, createHome, type Home } from '../helpers/home.ts'
import { until } from '../helpers/until.ts'

interface Answer {
  readonly status: number
  readonly body: string
}

async function post(home: Home, path: string, body: string | Buffer, type = 'application/json'): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const outgoing = request(
      { socketPath: home.paths.socket, method: 'POST', path, headers: { 'content-type': type } },
      (answer) => readText(answer).then((text) => resolve({ status: answer.statusCode ?? 0, body: text }), reject),
    )
    outgoing.on('error', reject)
    outgoing.end(body)
  })
}

async function get(home: Home, path: string): Promise<Answer> {
  const answer = await send(home.paths.socket, { method: 'GET', path })
  return { status: answer.statusCode ?? 0, body: await readText(answer) }
}

async function running(): Promise<Home> {
  const home = createHome()
  await clientOf(home).call('status', {})
  return home
}

it.each([
  ['/api/turns.start', '{', 400, 'invalid-request', 'it is not valid JSON'],
  ['/api/turns.start', '', 400, 'invalid-request', 'it is empty'],
  ['/api/turns.start', '[]', 400, 'invalid-request', 'object'],
  ['/api/turns.start', '{"__proto__":{"x":1}}', 400, 'invalid-request', 'it has a field "__proto__"'],
  ['/api/status', '{"a":{"constructor":{"prototype":1}}}', 400, 'invalid-request', '"prototype" in a "constructor"'],
  ['/api/status', Buffer.from('7b2261223a22ff227d', 'hex'), 400, 'invalid-request', 'it is not valid UTF-8'],
  ['/api/turns.start', '{}', 400, 'invalid-request', 'turnId'],
  ['/api/turns.start', '{"turnId":"x","prompt":"x","origin":"tui"}', 400, 'invalid-request', 'turnId'],
  ['/api/turns.start', '{"turnId":1,"prompt":"x","origin":"tui"}', 400, 'invalid-request', 'turnId'],
  ['/api/turns.list', '{"extra":1}', 400, 'invalid-request', 'unknown field "extra"'],
  ['/api/conversations.list', '{"limit":100000}', 400, 'invalid-request', 'limit'],
  ['/api/conversations.get', '{"reference":"nothing"}', 404, 'not-found', 'nothing'],
  ['/api/nonsense', '{}', 404, 'not-found', '/api/nonsense'],
  ['/api/store.backup', '{"file":"relative.db"}', 400, 'invalid-request', 'absolute'],
  [
    '/api/config.set',
    '{"name":"__internal__.x","value":1}',
    400,
    'invalid-request',
    'there is no setting "__internal__.x"',
  ],
  ['/api/config.get', '{"name":"__proto__"}', 400, 'invalid-request', 'there is no setting "__proto__"'],
  ['/api/config.set', '{"name":"a.prototype","value":1}', 400, 'invalid-request', 'there is no setting "a.prototype"'],
  ['/api/config.set', '{"name":"constructor.b","value":null}', 400, 'invalid-request', 'there is no setting'],
  ['/api/config.set', '{"name":"__pro\\\\to__","value":null}', 400, 'invalid-request', 'there is no setting'],
  ['/api/config.get', '{"name":"a[x"}', 400, 'invalid-request', 'there is no setting "a[x"'],
  ['/api/config.get', '{"name":"a[0]b"}', 400, 'invalid-request', 'there is no setting "a[0]b"'],
  ['/api/%zz', '{}', 400, 'invalid-request', '/api/%zz'],
])('POST %s %s answers %i with code, message and hint', async (path, body, status, code, words) => {
  await using home = await running()
  const answer = await post(home, path, body)
  const { error } = JSON.parse(answer.body)
  expect([answer.status, error.code]).toEqual([status, code])
  expect(error.message).toContain(words)
  expect(Object.keys(error)).toEqual(['code', 'message', 'hint'])
  expect(error.hint).toEqual(expect.any(String))
})

it.each([
  ['GET', '/api/status', 'POST'],
  ['PUT', '/api/turns.start?x=1', 'POST'],
  ['POST', '/api/hello', 'GET'],
  ['DELETE', '/api/events?conversation=*', 'GET'],
] as const)('%s %s is answered with what is allowed there', async (method, path, allowed) => {
  await using home = await running()
  const answer = await rawRequest(home, `${method} ${path} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n`)
  expect(answer).toMatch(/^HTTP\/1.1 405 /)
  expect(answer).toContain(`\r\nallow: ${allowed}\r\n`)
  expect(errorIn(answer)).toMatchObject({ code: 'invalid-request', hint: `Use ${allowed}` })
})

it('POST refuses a body that is compressed', async () => {
  await using home = await running()
  const head = 'POST /api/status HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: 2'
  const answer = await rawRequest(home, `${head}\r\nContent-Encoding: gzip\r\n\r\n{}`)
  expect(answer).toMatch(/^HTTP\/1.1 415 /)
  expect(errorIn(answer).message).toContain('its content encoding is "gzip"')
  const plain = await rawRequest(home, `${head}\r\nContent-Encoding: Identity\r\nConnection: close\r\n\r\n{}`)
  expect(plain).toMatch(/^HTTP\/1.1 200 /)
})

it('no answer may be kept by a cache', async () => {
  await using home = await running()
  for (const path of ['/api/hello', '/api/status', '/nonsense', '/api/events?conversation=*']) {
    const answer = await send(home.paths.socket, { method: 'GET', path })
    expect(answer.headers['cache-control']).toContain('no-store')
    answer.destroy()
  }
})

it('POST refuses what is not JSON, and what is too large, before reading it', async () => {
  await using home = await running()
  expect((await post(home, '/api/status', 'x=1', 'application/x-www-form-urlencoded')).status).toBe(415)
  expect((await post(home, '/api/status', '{}', 'text/plain')).status).toBe(415)
  const declared = await rawRequest(
    home,
    'POST /api/status HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: 999999999\r\n\r\n{',
  )
  expect(declared).toMatch(/^HTTP\/1.1 413 /)
  expect(errorIn(declared)).toMatchObject({ code: 'too-large', hint: expect.any(String) })
})

it('natterd answers or closes on malformed HTTP, and lives on', async () => {
  await using home = await running()
  const attacks = [
    'nonsense\r\n\r\n',
    'GET / HTTP/1.1\r\n\r\n',
    'POST /api/status HTTP/1.1\r\nHost: x\r\nContent-Length: 2\r\nTransfer-Encoding: chunked\r\n\r\n{}',
    'POST /api/status HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n',
    `GET /${'x'.repeat(20_000)} HTTP/1.1\r\nHost: x\r\n\r\n`,
    `GET / HTTP/1.1\r\nHost: x\r\n${'a: b\r\n'.repeat(5_000)}\r\n`,
    'GET /api/hello HTTP/1.1\r\nHost: x\r\n__proto__: x\r\nConnection: close\r\n\r\n',
    '\u0016\u0003\u0001\u0002\u0000\u0001',
  ]
  for (const attack of attacks) {
    const answer = await rawRequest(home, attack)
    expect(answer === '' || answer.startsWith('HTTP/1.1 ')).toBe(true)
    expect(answer).not.toMatch(/^HTTP\/1.1 5/)
  }
  expect((await get(home, '/health')).status).toBe(200)
})

it.each([
  ['POST /api/status HTTP/1.1\r\ncontent-type: application/json\r\ncontent-length: 2\r\n\r\n{}', 400, '"host"'],
  ['GET /nowhere HTTP/1.1\r\n\r\n', 400, '"host"'],
  ['GET /health HTTP/1.1\r\nHost: x\r\nExpect: the-unexpected\r\n\r\n', 417, '"the-unexpected"'],
  ['POST /api/status HTTP/1.1\r\nHost: x\r\nExpect: a\r\nContent-Length: 2\r\n\r\n{}', 417, '"expect"'],
])('natterd says in JSON why it refuses %j with %i', async (request, status, named) => {
  await using home = await running()
  const answer = await rawRequest(home, request)
  expect(answer).toMatch(new RegExp(`^HTTP/1\\.1 ${status} `))
  expect(answer).toContain('cache-control: no-store')
  const { code, message, hint } = errorIn(answer)
  expect(code).toBe('invalid-request')
  expect(`${message} ${hint}`).toContain(named)
})

it('natterd answers HTTP/1.0 without a host, and who asks before sending a body', async () => {
  await using home = await running()
  expect(await rawRequest(home, 'GET /health HTTP/1.0\r\n\r\n')).toMatch(/^HTTP\/1\.1 200 /)
  const head = 'POST /api/status HTTP/1.1\r\nHost: x\r\nExpect: 100-continue\r\nContent-Type: application/json\r\n'
  expect(await rawRequest(home, `${head}Content-Length: 2\r\n\r\n{}`)).toMatch(/^HTTP\/1\.1 100 .*HTTP\/1\.1 200 /s)
})

it('natterd takes any JSON for any operation without a failure of its own', async () => {
  await using home = await running()
  const { error, ...safe } = { error: 'shutdown' as const, ...OPERATIONS }
  const names = Object.keys(safe).filter((name) => name !== error && name !== 'models.refresh')
  await fc.assert(
    fc.asyncProperty(fc.constantFrom(...names), fc.json(), async (name, body) => {
      const answer = await post(home, `/api/${name}`, body)
      expect(answer.status).toBeLessThan(500)
    }),
    { numRuns: 300 },
  )
})

it('GET /api/openapi.json describes everything that is answered', async () => {
  await using home = await running()
  const document = JSON.parse((await get(home, '/api/openapi.json')).body)
  expect(document.openapi).toMatch(/^3\.1/)
  expect(Object.keys(document.paths).sort()).toEqual(
    [
      ...Object.keys(OPERATIONS).map((name) => `/api/${name}`),
      '/api/events',
      '/api/hello',
      '/api/openapi.json',
      '/health',
    ].sort(),
  )
})

const CHUNKED = 'Host: x\r\nContent-Type: application/json\r\nTransfer-Encoding: chunked'

it.each([
  ['nonsense\r\n\r\n', 400, 'invalid-request'],
  ['\u0016\u0003\u0001\u0002\u0000\u0001', 400, 'invalid-request'],
  [`GET /${'x'.repeat(20_000)} HTTP/1.1\r\nHost: x\r\n\r\n`, 431, 'too-large'],
  [`GET / HTTP/1.1\r\nHost: x\r\n${'a: b\r\n'.repeat(5_000)}\r\n`, 431, 'too-large'],
  [`POST /api/status HTTP/1.1\r\n${CHUNKED}\r\n\r\nzz\r\n`, 400, 'invalid-request'],
] as const)('natterd says in JSON what is wrong with malformed HTTP (%#)', async (bytes, status, code) => {
  await using home = await running()
  const answer = await rawRequest(home, bytes)
  expect(answer.slice(0, 12)).toBe(`HTTP/1.1 ${status}`)
  expect(errorIn(answer)).toMatchObject({ code, message: expect.any(String), hint: expect.any(String) })
})

it('turns.start starts one turn for one id, at the same moment and after its end', async () => {
  await using home = await running()
  const client = clientOf(home)
  const start = {
    turnId: createId('trn'),
    prompt: 'once',
    origin: 'script',
    parameters: { extra: { words: 3, delayMs: 0 } },
  } as const
  const [first, second] = await Promise.all([client.call('turns.start', start), client.call('turns.start', start)])
  expect(second).toEqual(first)
  await until(async () => (await client.call('turns.list', {})).turns.length === 0)
  const third = await client.call('turns.start', start)
  expect(third.messageId).toBe(first.messageId)
  const { messages } = await client.call('messages.list', { conversationId: first.conversationId })
  expect(messages).toHaveLength(2)
})

it('turns.start queues a second turn of a conversation behind the first', async () => {
  await using home = await running()
  const client = clientOf(home)
  const start = (words: number, conversationId?: `cnv_${string}`) =>
    client.call('turns.start', {
      turnId: createId('trn'),
      prompt: `${words} words`,
      origin: 'tui',
      parameters: { extra: { words, delayMs: 5 } },
      ...(conversationId === undefined ? {} : { conversationId }),
    })
  const first = await start(40)
  await start(2, first.conversationId)
  const { turns } = await client.call('turns.list', {})
  expect(turns.map((turn) => turn.status)).toEqual(['running', 'queued'])
  await until(async () => (await client.call('turns.list', {})).turns.length === 0)
  const { messages } = await client.call('messages.list', { conversationId: first.conversationId })
  expect(messages.map((message) => message.parentId)).toEqual([
    null,
    ...messages.slice(0, 3).map((message) => message.messageId),
  ])
})

it('GET /api/events resumes after any event without loss or repeat', async () => {
  await using home = await running()
  const client = clientOf(home)
  const started = await client.call('turns.start', {
    turnId: createId('trn'),
    prompt: 'x',
    origin: 'script',
    parameters: { extra: { words: 120, delayMs: 1 } },
  })
  const whole = await readEvents(home, started.conversationId, null)
  const text = textAfter(EMPTY_REPLY, whole)
  const numbered = whole.filter((event) => event.type !== 'snapshot')
  for (const [index, event] of numbered.entries()) {
    if (event.type === 'turn-end' || index % 7 !== 0) continue
    const rest = await readEvents(home, started.conversationId, event.seq)
    expect(rest.map((other) => other.seq)).toEqual(numbered.slice(index + 1).map((other) => other.seq))
  }
  expect(text.startsWith('word')).toBe(true)
})

it('GET /api/events refuses what is no conversation', async () => {
  await using home = await running()
  for (const query of ['', '?conversation=', '?conversation=nonsense', '?conversation=*&conversation=*']) {
    const { status, body } = await get(home, `/api/events${query}`)
    expect([status, JSON.parse(body).error.code]).toEqual([400, 'invalid-request'])
  }
})

it('a --no-log turn ends when its reader leaves', async () => {
  await using home = await running()
  const child = home.start(['-q', '-n', 'x', '-o', 'words=5000', '-o', 'delayMs=5'])
  child.stdin.end()
  const client = clientOf(home)
  await until(async () => (await client.call('turns.list', {})).turns.length === 1)
  await new Promise((resolve) => child.stdout.once('data', resolve))
  child.kill('SIGKILL')
  await until(async () => (await client.call('turns.list', {})).turns.length === 0)
})

it('a --no-log turn goes on while one of its readers stays', async () => {
  await using home = await running()
  const client = clientOf(home)
  const { conversationId, turnId } = await client.call('turns.start', {
    ...{ turnId: createId('trn'), prompt: 'x', origin: 'script', model: 'demo/natter', log: false },
    parameters: { extra: { words: 400, delayMs: 5 } },
  })
  const staying = readEvents(home, conversationId, null)
  const path = `/api/events?conversation=${conversationId}`
  const leaving = await send(home.paths.socket, { method: 'GET', path })
  await until(async () => (await client.call('status', {})).subscribers === 2)
  leaving.destroy()
  const end = (await staying).find(isEnd)
  expect(end).toMatchObject({ turnId, outcome: { type: 'completed' } })
})

/** Until the turn's end. */
async function readEvents(home: Home, conversationId: string, after: number | null): Promise<readonly NatterEvent[]> {
  const answer = await send(home.paths.socket, {
    method: 'GET',
    path: `/api/events?conversation=${conversationId}`,
    headers: after === null ? {} : { 'last-event-id': String(after) },
  })
  const events: NatterEvent[] = []
  let text = ''
  answer.setEncoding('utf8')
  for await (const chunk of answer) {
    text += chunk
    const frames = text.split('\n\n')
    text = frames.pop() ?? ''
    for (const frame of frames) {
      const data = /^data: (.*)$/m.exec(frame)?.[1]
      if (data !== undefined) events.push(JSON.parse(data))
    }
    if (events.some(isEnd)) break
  }
  return events
}

function isEnd(event: NatterEvent): boolean {
  return event.type === 'turn-end' || (event.type === 'snapshot' && event.turns.some((turn) => turn.outcome !== null))
}

function textAfter(before: ReplyState, events: readonly NatterEvent[]): string {
  let reply = before
  for (const event of events) {
    if (event.type === 'snapshot') reply = { ...reply, parts: event.turns[0]?.parts ?? [] }
    if (event.type === 'text-delta') reply = fold(reply, event)
  }
  return textOf(reply.parts)
}

function errorIn(answer: string): { readonly code: string; readonly message: string; readonly hint: string | null } {
  return JSON.parse(answer.slice(answer.indexOf('\r\n\r\n'))).error
}

/** What comes back to bytes sent as they are. */
function rawRequest(home: Home, bytes: string): Promise<string> {
  return new Promise((resolve) => {
    const socket = connect(home.paths.socket)
    let answer = ''
    socket.setTimeout(3_000, () => socket.destroy())
    socket.on('data', (chunk) => {
      answer += chunk
      socket.end()
    })
    socket.on('error', () => {})
    socket.on('close', () => resolve(answer))
    socket.end(bytes)
  })
}
