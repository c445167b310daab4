// The TCP door, by what it lets in and what it turns away.

import { expect, it } from 'vitest'
import { createTcpServer } from '../../../daemon/server/tcp-server.ts'
import { WRONG_TOKENS_MAX } from '../../../daemon/server/trust-lockout.ts'
import { BOUNDS } from '../../../src/protocol/bounds.ts'
import { ask, type Door, openDoor, raw } from '../../helpers/tcp-door.ts'
import { until } from '../../helpers/until.ts'

const HOST = 'host: 127.0.0.1'
const JSON_TYPE = 'content-type: application/json'

const bearer = ({ token }: Door) => `authorization: Bearer ${token}`

it.each([
  ['GET /health', 200],
  ['GET /metrics', 200],
  ['GET /v1/stream', 401],
  ['POST /v1/echo', 401],
  ['GET /health', 401],
  ['GET /metrics', 401],
  ['GET /', 401],
  ['GET /api/hello', 401],
  ['GET /nothing', 401],
  ['OPTIONS /v1/echo', 401],
  ['GET /%zz', 401],
])('createTcpServer() asks for a token at %s: %i', async (line, status) => {
  await using door = await openDoor()
  const headers = status === 200 ? [bearer(door)] : []
  const answer = await ask(door.port, line, [HOST, JSON_TYPE, 'content-length: 0', ...headers])
  expect(answer.status).toBe(status)
  if (status !== 401) return
  expect(answer.headers['www-authenticate']).toBe('Bearer')
  expect(answer.headers['cache-control']).toBe('no-store')
  expect(Object.keys(answer.headers).filter((name) => name.startsWith('access-control'))).toEqual([])
})

it('createTcpServer() takes the token from either header, and says whose request it is', async () => {
  await using door = await openDoor()
  const [device] = door.devices.list()
  for (const header of [bearer(door), `Authorization: bearer  ${door.token}`, `X-Api-Key: ${door.token}`]) {
    const answer = await ask(door.port, 'POST /v1/echo', [HOST, JSON_TYPE, header, 'content-length: 7'], '{"a":1}')
    expect(answer.status, header).toBe(200)
    expect(JSON.parse(answer.body)).toEqual({ deviceId: device?.deviceId, body: { a: 1 } })
  }
})

it('createTcpServer() refuses no token, two, and all that are none, and tells nothing of devices', async () => {
  await using door = await openDoor()
  const other = await door.devices.add({ name: 'other', scopes: ['openai'], monthlyMicros: null })
  await door.devices.revoke(other.device.deviceId)
  const get = (...headers: readonly string[]) => ask(door.port, 'GET /health', [HOST, ...headers])
  const both = [
    [bearer(door), `x-api-key: ${door.token}`],
    [bearer(door), bearer(door)],
    [`x-api-key: ${door.token}`, `x-api-key: ${door.token}`],
    [bearer(door), 'authorization: '],
  ]
  for (const headers of both) expect((await get(...headers)).status, String(headers)).toBe(400)
  const wrong = [
    `authorization: Bearer ${other.token}`,
    `authorization: Bearer nt_0123456789abcdef_${'A'.repeat(43)}`,
    `authorization: Bearer ${door.token.slice(0, -1)}${door.token.endsWith('A') ? 'B' : 'A'}`,
    `authorization: Basic ${door.token}`,
    `authorization: ${door.token}`,
    'authorization: ',
    'x-api-key: x',
    `x-api-key: Bearer ${door.token}`,
  ]
  const answers = await Promise.all(wrong.map((header) => get(header)))
  expect(answers.map(({ status }) => status)).toEqual(wrong.map(() => 401))
  expect(new Set(answers.map(({ body }) => body)).size).toBe(1)
  expect(await ask(door.port, `GET /health?token=${door.token}&key=${door.token}`, [HOST])).toMatchObject({
    status: 401,
  })
})

it('createTcpServer() answers below /v1 as OpenAI does', async () => {
  await using door = await openDoor()
  const headers = [HOST, JSON_TYPE, 'content-length: 0']
  const refused = await ask(door.port, 'POST /v1/chat/completions', [...headers, 'x-api-key: sk-wrong'])
  expect(refused.status).toBe(401)
  expect(JSON.parse(refused.body)).toEqual({
    error: {
      message: expect.stringContaining('the token is not valid'),
      type: 'invalid_request_error',
      param: null,
      code: 'invalid_api_key',
    },
  })
  expect(refused.body).not.toContain('sk-wrong')
  const missing = await ask(door.port, 'GET /v1/nothing', [HOST, bearer(door)])
  expect([missing.status, JSON.parse(missing.body).error.type]).toEqual([404, 'invalid_request_error'])
  const elsewhere = await ask(door.port, 'GET /health', [HOST, 'x-api-key: sk-wrong'])
  expect(Object.keys(JSON.parse(elsewhere.body).error)).toEqual(['code', 'message', 'hint'])
})

it('createTcpServer() opens below /v1 with the scope openai only, however the path is written', async () => {
  await using door = await openDoor()
  const { token } = await door.devices.add({ name: 'phone', scopes: ['ask', 'history'], monthlyMicros: null })
  for (const path of ['/v1/stream', '/%761/stream', '/v1/%73tream', '/v1/stream?x=/health']) {
    const answer = await ask(door.port, `GET ${path}`, [HOST, `authorization: Bearer ${token}`])
    expect([path, answer.status]).toEqual([path, 403])
  }
  expect(door.streams).toHaveLength(0)
  expect((await ask(door.port, 'GET /health', [HOST, `authorization: Bearer ${token}`])).status).toBe(200)
})

it.each(['/api/status', '/api/config.get', '/api/keys.list', '/api/devices.list', '/api/shutdown', '/api/events'])(
  'createTcpServer() has no %s, whatever the token',
  async (path) => {
    await using door = await openDoor()
    for (const line of [`POST ${path}`, `GET ${path}`, `POST /v1/..${path}`, `POST /%2e${path}`]) {
      const answer = await ask(door.port, line, [HOST, JSON_TYPE, bearer(door), 'content-length: 2'], '{}')
      expect([line, answer.status]).toEqual([line, 404])
    }
  },
)

it('createTcpServer() is not built with a route that has no rule', async () => {
  const options = {
    ...{ recognise: () => null, names: () => new Set<string>(), now: () => 0, health: () => ({}) },
    ...{ onLockedOut() {}, onFailure() {}, metrics: () => Promise.resolve('') },
  }
  await expect(
    createTcpServer({ ...options, addRoutes: (server) => void server.get('/files', () => 'x') }),
  ).rejects.toThrow('no rule for the route "/files"')
})

it.each([
  [['host: evil.test'], 421],
  [['host: evil.test:8787'], 421],
  [['host: 127.0.0.1.evil.test'], 421],
  [['host: localhost.'], 421],
  [['host: 0.0.0.0'], 421],
  [['host: 127.1'], 421],
  [['host: [::ffff:127.0.0.1]'], 421],
  [['host: user@localhost'], 421],
  [['host: localhost:1:2'], 421],
  [['host: localhost/'], 421],
  [['host: '], 421],
  [['host: localhost', 'host: evil.test'], 400],
  [['host: localhost', 'host: localhost'], 400],
  [[], 400],
  [['host: localhost'], 200],
  [['host: LOCALHOST:8787'], 200],
  [['host: 127.0.0.1:1'], 200],
  [['host: [::1]:8787'], 200],
  [['host: MyBox.local'], 200],
])('createTcpServer() answers %j with %i', async (hosts, status) => {
  await using door = await openDoor({ names: ['mybox.local'] })
  const answer = await ask(door.port, 'GET /health', [...hosts, bearer(door)])
  expect(answer.status).toBe(status)
})

it('createTcpServer() refuses targets that name a host of their own, and HTTP/1.0 without one', async () => {
  await using door = await openDoor()
  for (const target of ['http://evil.test/health', 'http://127.0.0.1/health', '*']) {
    expect((await ask(door.port, `GET ${target}`, [HOST, bearer(door)])).status, target).toBe(400)
  }
  expect((await raw(door.port, `GET /health HTTP/1.0\r\n${bearer(door)}\r\n\r\n`).answer()).status).toBe(400)
})

it.each([
  [['origin: http://evil.test'], 403],
  [['origin: null'], 403],
  [['origin: http://localhost:3000'], 403],
  [['origin: https://127.0.0.1'], 403],
  [['origin: http://127.0.0.1', 'origin: http://evil.test'], 403],
  [['sec-fetch-site: cross-site'], 403],
  [['sec-fetch-site: same-site'], 403],
  [['sec-fetch-site: none', 'sec-fetch-site: cross-site'], 403],
  [['origin: http://127.0.0.1', 'sec-fetch-site: same-origin'], 200],
  [['sec-fetch-site: none'], 200],
])('createTcpServer() answers a POST with %j with %i, without CORS headers', async (headers, status) => {
  await using door = await openDoor()
  const answer = await ask(
    door.port,
    'POST /v1/echo',
    [HOST, JSON_TYPE, bearer(door), ...headers, 'content-length: 2'],
    '{}',
  )
  expect(answer.status).toBe(status)
  expect(Object.keys(answer.headers).filter((name) => name.startsWith('access-control'))).toEqual([])
  expect(door.bodies).toHaveLength(status === 200 ? 1 : 0)
})

it.each([
  [[], 415],
  [['content-type: text/plain'], 415],
  [['content-type: application/x-www-form-urlencoded'], 415],
  [['content-type: application/json', 'content-type: text/plain'], 415],
  [['content-type: application/json; charset=utf-8'], 200],
])('createTcpServer() answers a POST of type %j with %i', async (types, status) => {
  await using door = await openDoor()
  const answer = await ask(door.port, 'POST /v1/echo', [HOST, bearer(door), ...types, 'content-length: 2'], '{}')
  expect(answer.status).toBe(status)
})

it('createTcpServer() locks out who guesses, and on loopback never a right token', async () => {
  await using door = await openDoor()
  const get = (token: string) => ask(door.port, 'GET /v1/x', [HOST, `authorization: Bearer ${token}`])
  for (let guess = 0; guess < WRONG_TOKENS_MAX; guess += 1) expect((await get(`nt_${guess}`)).status).toBe(401)
  expect(door.lockedOut).toHaveLength(1)
  const locked = await get('nt_x')
  expect([locked.status, locked.headers['retry-after']]).toEqual([429, '60'])
  expect(JSON.parse(locked.body).error.code).toBe('rate_limit_exceeded')
  expect((await get(door.token)).status).toBe(404)
  door.setClock(60_000)
  expect((await get('nt_x')).status).toBe(401)
})

it('createTcpServer() counts no missing token and no other fault as a guess', async () => {
  await using door = await openDoor()
  for (let number = 0; number < 2 * WRONG_TOKENS_MAX; number += 1) {
    await ask(door.port, 'GET /health', [HOST])
    await ask(door.port, 'GET /health', ['host: evil.test', 'x-api-key: x'])
  }
  expect(door.lockedOut).toEqual([])
})

it('createTcpServer() ends what it answers to a device that is revoked, and nothing else', async () => {
  await using door = await openDoor()
  const other = await door.devices.add({ name: 'other', scopes: ['openai'], monthlyMicros: null })
  const open = (token: string) =>
    raw(door.port, `GET /v1/stream HTTP/1.1\r\n${HOST}\r\nauthorization: Bearer ${token}\r\n\r\n`)
  const [ours, theirs] = [open(door.token), open(other.token)]
  await until(() => [ours, theirs].every(({ received }) => received().includes('data: begun')))
  await door.devices.revoke(other.device.deviceId)
  await theirs.answer()
  expect((await ask(door.port, 'GET /health', [HOST, `x-api-key: ${other.token}`])).status).toBe(401)
  expect(ours.socket.destroyed).toBe(false)
  for (const stream of door.streams) stream.end('data: ended\n\n')
  await until(() => ours.received().includes('data: ended'))
  ours.socket.destroy()
})

it('createTcpServer() takes so many requests of a device at once, and the next when one has ended', async () => {
  await using door = await openDoor({ deviceRequestsMax: 2 })
  const other = await door.devices.add({ name: 'other', scopes: ['openai'], monthlyMicros: null })
  const streams = [1, 2].map(() => raw(door.port, `GET /v1/stream HTTP/1.1\r\n${HOST}\r\n${bearer(door)}\r\n\r\n`))
  await until(() => door.streams.length === 2)
  const refused = await ask(door.port, 'GET /v1/x', [HOST, bearer(door)])
  expect([refused.status, refused.headers['retry-after']]).toEqual([429, '1'])
  expect((await ask(door.port, 'GET /health', [HOST, `x-api-key: ${other.token}`])).status).toBe(200)
  door.streams[0]?.end()
  await until(async () => (await ask(door.port, 'GET /health', [HOST, bearer(door)])).status === 200)
  for (const { socket } of streams) socket.destroy()
})

it('createTcpServer() takes so many bytes of bodies at once, and more when those have been answered', async () => {
  await using door = await openDoor({ bodiesMax: 1_000 })
  const other = await door.devices.add({ name: 'other', scopes: ['openai'], monthlyMicros: null })
  const body = JSON.stringify({ text: 'x'.repeat(580) })
  const post = [HOST, JSON_TYPE, `content-length: ${body.length}`]
  const begun = ['POST /v1/echo HTTP/1.1', ...post, bearer(door), 'connection: close'].join('\r\n')
  const slow = raw(door.port, `${begun}\r\n\r\n${body.slice(0, 100)}`)
  const send = () => ask(door.port, 'POST /v1/echo', [...post, `x-api-key: ${other.token}`], body)
  await until(async () => (await send()).status === 503)
  const refused = await send()
  expect([refused.headers['retry-after'], JSON.parse(refused.body).error.code]).toEqual(['2', 'server_is_overloaded'])
  expect((await ask(door.port, 'GET /v1/x', [HOST, bearer(door)])).status).toBe(404)
  slow.socket.write(body.slice(100))
  expect((await slow.answer()).status).toBe(200)
  await until(async () => (await send()).status === 200)
})

it('createTcpServer() counts a body of unknown length as the most that it may be, until it is read', async () => {
  await using door = await openDoor({ bodiesMax: BOUNDS.requestBytes })
  const chunked = ['POST /v1/hold HTTP/1.1', HOST, JSON_TYPE, bearer(door), 'transfer-encoding: chunked'].join('\r\n')
  const stream = raw(door.port, `${chunked}\r\n\r\n2\r\n{}\r\n`)
  const send = () => ask(door.port, 'POST /v1/echo', [HOST, JSON_TYPE, bearer(door), 'content-length: 2'], '{}')
  await until(async () => (await send()).status === 503)
  stream.socket.write('0\r\n\r\n')
  await until(async () => (await send()).status === 200)
  expect(door.streams).toHaveLength(1)
  stream.socket.destroy()
})

it('createTcpServer() refuses a body that is too large before it is read, and one without end', async () => {
  await using door = await openDoor()
  const post = [`POST /v1/echo HTTP/1.1`, HOST, JSON_TYPE]
  const large = raw(door.port, `${[...post, bearer(door), 'content-length: 99999999999'].join('\r\n')}\r\n\r\n{`)
  expect((await large.answer()).status).toBe(413)
  const guessed = raw(door.port, `${[...post, 'x-api-key: x', 'content-length: 99999999999'].join('\r\n')}\r\n\r\n{`)
  expect((await guessed.answer()).status).toBe(401)

  const chunk = `10000\r\n${' '.repeat(0x10000)}\r\n`
  for (const [header, status] of [
    [bearer(door), 413],
    ['x-api-key: x', 401],
  ] as const) {
    const endless = raw(door.port, `${[...post, header, 'transfer-encoding: chunked'].join('\r\n')}\r\n\r\n`)
    const timer = setInterval(() => endless.socket.writable && endless.socket.write(chunk.repeat(16)), 1)
    const answer = await endless.answer()
    clearInterval(timer)
    // The answer may be lost where the client goes on sending; that the server hangs up is what counts.
    expect([status, 0]).toContain(answer.status)
  }
  expect(door.bodies).toEqual([])
})

it('createTcpServer() reads past a body that it refuses, so that its sender sees why', async () => {
  await using door = await openDoor()
  const body = JSON.stringify({ text: 'x'.repeat(2_000_000) })
  const headers = [HOST, JSON_TYPE, 'x-api-key: x', `content-length: ${body.length}`]
  const exchange = raw(door.port, `POST /v1/echo HTTP/1.1\r\n${headers.join('\r\n')}\r\n\r\n${body}`)
  await until(() => exchange.received().includes('invalid_api_key'))
  expect(exchange.socket.destroyed).toBe(false)
  exchange.socket.write(`GET /health HTTP/1.1\r\n${HOST}\r\n${bearer(door)}\r\nconnection: close\r\n\r\n`)
  await exchange.answer()
  expect(exchange.received()).toContain('{"status":"ok"}')
})

it('createTcpServer() says what was wrong of a fault of ours to the log, with a path that holds no token', async () => {
  await using door = await openDoor()
  const answer = await ask(door.port, `GET /v1/fails?key=${door.token}`, [HOST, bearer(door)])
  expect([answer.status, JSON.parse(answer.body).error.type]).toEqual([500, 'server_error'])
  expect(answer.body).not.toContain(door.token)
  expect(door.failures).toHaveLength(1)
})

it('drain() waits for what is being answered, and no longer than it may', async () => {
  await using door = await openDoor()
  await door.server.requests.drain(60_000)
  const stream = raw(door.port, `GET /v1/stream HTTP/1.1\r\n${HOST}\r\n${bearer(door)}\r\n\r\n`)
  await until(() => door.streams.length === 1)
  door.listener.close()
  await door.server.requests.drain(1)
  const drained = door.server.requests.drain(60_000)
  door.streams[0]?.end('data: ended\n\n')
  await drained
  await until(() => stream.received().includes('data: ended'))
  stream.socket.destroy()
  expect((await ask(door.port, 'GET /health', [HOST, bearer(door)])).status).toBe(0)
})

it.each(['GET /api/config.get', 'GET /v1', 'GET /v1/x', 'GET /%zz', 'GET /v1/%zz', 'POST /v1/echo'])(
  'createTcpServer() refuses %s without naming what is not there',
  async (line) => {
    await using door = await openDoor()
    const answer = await ask(door.port, line, [HOST, bearer(door), JSON_TYPE, 'content-length: 1'], '{')
    expect([400, 404]).toContain(answer.status)
    expect(answer.body).not.toContain('/api/openapi.json')
  },
)
