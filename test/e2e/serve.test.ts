// natter serve: a real daemon that listens on TCP, and programs that ask it.

import { readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import { createServer, type Server } from 'node:net'
import { join } from 'node:path'
import OpenAI from 'openai'
import { expect, it } from 'vitest'
import { LOG_FILE } from '../../src/protocol/hello.ts'
import { startAimock } from '../helpers/aimock.ts'
import { clientOf, createHome, type Home } from '../helpers/home.ts'
import { readEvents } from '../helpers/raw-socket.ts'
import { ask, raw } from '../helpers/tcp-door.ts'
import { until } from '../helpers/until.ts'

interface Served {
  readonly url: string
  readonly token: string
}

const DEMO = { model: 'demo/natter', messages: [{ role: 'user', content: 'hello' }] } as const

async function serve(home: Home, ...args: readonly string[]): Promise<Served> {
  const { code, stdout, stderr } = await home.run(['serve', '--json', '--port', '0', ...args])
  expect([code, stderr]).toEqual([0, ''])
  expect(stdout.split('\n')).toHaveLength(2)
  return JSON.parse(stdout)
}

const portOf = ({ url }: Served) => Number(new URL(url).port)

function sdkOf({ url, token }: Served): OpenAI {
  return new OpenAI({ baseURL: `${url}/v1`, apiKey: token, maxRetries: 0 })
}

async function statusOf({ url, token }: Served, path = '/health'): Promise<number> {
  return fetch(`${url}${path}`, { headers: { authorization: `Bearer ${token}` } }).then(
    ({ status }) => status,
    () => 0,
  )
}

/** A program of another kind on a port of this machine. */
async function takePort(port = 0): Promise<AsyncDisposable & { readonly port: number }> {
  const server: Server = createServer()
  await new Promise<void>((resolve) => server.listen(port, '127.0.0.1', resolve))
  return {
    port: (server.address() as { port: number }).port,
    [Symbol.asyncDispose]: () => new Promise((resolve) => server.close(() => resolve())),
  }
}

function filesOf(directory: string): readonly string[] {
  return readdirSync(directory, { recursive: true, encoding: 'utf8' })
    .map((name) => join(directory, name))
    .filter((file) => statSync(file, { throwIfNoEntry: false })?.isFile())
}

function holding(home: Home, text: string): readonly string[] {
  return filesOf(home.directory).filter((file) => readFileSync(file).includes(text))
}

it('natter serve --json prints url and token on one line, and OpenAI’s own client streams through them', async () => {
  await using home = createHome()
  const served = await serve(home)
  expect(served).toEqual({
    url: expect.stringMatching(/^http:\/\/127\.0\.0\.1:\d+$/),
    token: expect.stringMatching(/^nt_[0-9a-f]{16}_[\w-]{43}$/),
  })
  let text = ''
  for await (const chunk of await sdkOf(served).chat.completions.create({
    ...DEMO,
    messages: [...DEMO.messages],
    stream: true,
  })) {
    text += chunk.choices[0]?.delta.content ?? ''
  }
  expect(text).toContain('hello')
  expect((await sdkOf(served).models.list()).data.length).toBeGreaterThan(0)
  const stranger = sdkOf({ ...served, token: `${served.token.slice(0, -4)}0000` })
  await expect(stranger.models.list()).rejects.toMatchObject({ status: 401, code: 'invalid_api_key' })
  const { rows } = await clientOf(home).call('usage.summary', { by: 'device' })
  const { devices } = await clientOf(home).call('devices.list', {})
  expect(rows.map(({ key, calls }) => [key, calls])).toEqual([[devices[0]?.deviceId, 1]])
})

it('natter serve prints what a shell takes over, and the token once', async () => {
  await using home = createHome()
  const first = await home.run(['serve', '--port', '0'])
  expect(first.stdout).toMatch(
    /^export OPENAI_BASE_URL=http:\/\/127\.0\.0\.1:\d+\/v1\nexport OPENAI_API_KEY=nt_[\w-]+\n$/,
  )
  expect(first.stderr).toContain('the token is shown this once')
  const url = /http:\S+(?=\/v1)/.exec(first.stdout)?.[0] ?? ''
  const old = { url, token: /nt_[\w-]+/.exec(first.stdout)?.[0] ?? '' }

  const again = await home.run(['serve'])
  expect(again).toMatchObject({ code: 1, stdout: '' })
  expect(again.stderr).toContain(`${url}, which is listening`)
  expect(again.stderr).toContain('--new-token')
  const json = await home.run(['serve', '--json'])
  expect(json).toMatchObject({ code: 1, stdout: '' })
  expect(json.stderr).toContain('--new-token')
  expect(await statusOf(old)).toBe(200)

  const renewed: Served = JSON.parse((await home.run(['serve', '--json', '--new-token'])).stdout)
  expect(renewed.url).toBe(url)
  expect([await statusOf(old), await statusOf(renewed)]).toEqual([401, 200])
})

it('natter serve says that a port is taken, exits 1, and leaves the door where it was', async () => {
  await using home = createHome()
  await using taken = await takePort()
  const args = ['serve', '--port', String(taken.port)]
  const refused = await home.run(args)
  expect([refused.code, refused.stdout]).toEqual([1, ''])
  expect(refused.stderr).toContain(`Cannot listen on 127.0.0.1 port ${taken.port}: another program listens there`)
  expect((await home.run(['config', 'get', 'serve'])).stdout).not.toContain(String(taken.port))
  const served = await serve(home)
  expect((await home.run(args)).code).toBe(1)
  expect(await statusOf(served)).toBe(200)
  expect((await home.run(['config', 'get', 'serve.port'])).stdout).toContain(String(portOf(served)))
})

it('natter says that the variables of natter serve point at natter itself, where nothing else is left', async () => {
  await using home = createHome()
  const env = { OPENAI_API_KEY: `nt_${'0'.repeat(16)}_${'x'.repeat(43)}`, OPENAI_BASE_URL: 'http://127.0.0.1:8787/v1' }
  const told = 'OPENAI_API_KEY and OPENAI_BASE_URL of this shell point at natter itself'
  const fast = ['-o', 'words=1', '-o', 'delayMs=0', 'hello']
  expect((await home.run(fast, { env })).stderr).toContain(told)
  expect((await home.run(['--dry-run', 'hello'], { env })).stderr).toContain(told)
  const refused = await home.run(['-m', 'openai/gpt-6-sol', 'hello'], { env })
  expect(refused).toMatchObject({ code: 3, stderr: expect.stringContaining(told) })
  expect((await home.run(['-m', 'demo/natter', ...fast], { env })).stderr).toBe('')
  expect((await home.run(fast)).stderr).not.toContain(told)
})

it('natter serve moves to another port, with the same token', async () => {
  await using home = createHome()
  const served = await serve(home)
  const spare = await takePort()
  await spare[Symbol.asyncDispose]()
  // It listens there; a script that waits for a token gets none.
  expect(await home.run(['serve', '--port', String(spare.port)])).toMatchObject({ code: 1, stdout: '' })
  expect(await statusOf(served)).toBe(0)
  expect(await statusOf({ ...served, url: `http://127.0.0.1:${spare.port}` })).toBe(200)
})

it.each(['stop', 'kill'])('natterd listens again after a %s, and does not leave by itself', async (how) => {
  await using home = createHome()
  const served = await serve(home)
  if (how === 'kill') await home.killDaemon()
  else await home.run(['daemon', 'stop'])
  expect(await statusOf(served)).toBe(0)
  const status = await clientOf(home).call('status', {})
  expect([status.idleExitMinutes, status.serve]).toEqual([0, { url: served.url, problem: null }])
  expect(await statusOf(served)).toBe(200)
  expect((await home.run(['status'])).stdout).toContain(`listening on ${served.url}`)
})

it('natterd starts though its port is taken, and says so', async () => {
  await using home = createHome()
  const served = await serve(home)
  await home.run(['daemon', 'stop'])
  await using _taken = await takePort(portOf(served))
  const problem = `Cannot listen on 127.0.0.1 port ${portOf(served)}: another program listens there`
  expect((await home.run(['status'])).stdout).toContain(problem)
  expect((await home.run(['daemon', 'status'])).stdout).toContain(problem)
  expect((await clientOf(home).call('status', {})).idleExitMinutes).toBeGreaterThan(0)
  await until(() => readFileSync(`${home.paths.state}/${LOG_FILE}`, 'utf8').includes(problem))
})

it('natterd opens no door that no token opens', async () => {
  await using home = createHome({ serve: { port: 1 } })
  const { serve: door } = await clientOf(home).call('status', {})
  expect(door).toEqual({ url: null, problem: expect.stringContaining('no device has a token') })
})

it('natter serve --stop closes the door for good; the next one needs no new token', async () => {
  await using home = createHome({ serve: { names: ['mybox.local'] } })
  const served = await serve(home)
  expect(await home.run(['serve', '--stop'])).toMatchObject({ code: 0, stdout: '' })
  expect(await statusOf(served)).toBe(0)
  expect(JSON.parse(readFileSync(`${home.paths.config}/config.json`, 'utf8'))).toEqual({
    serve: { names: ['mybox.local'] },
  })
  expect((await home.run(['serve', '--stop'])).stderr).toContain('was not listening')
  expect((await home.run(['serve', '--stop', '--json'])).code).toBe(2)
  await home.run(['daemon', 'restart'])
  expect((await clientOf(home).call('status', {})).serve).toEqual({ url: null, problem: null })
  expect((await home.run(['serve', '--port', String(portOf(served))])).stdout).toBe('')
  expect(await statusOf(served)).toBe(200)
})

it('natter serve warns where others on the network can reach it, and answers to its own addresses only', async () => {
  await using home = createHome()
  const { code, stdout, stderr } = await home.run(['serve', '--json', '--host', '0.0.0.0', '--port', '0'])
  expect(code).toBe(0)
  expect(stderr).toContain('http can be read by them')
  const { url, token }: Served = JSON.parse(stdout)
  const port = Number(new URL(url).port)
  const get = (host: string) => ask(port, 'GET /health', [`host: ${host}`, `x-api-key: ${token}`])
  expect((await get('127.0.0.1')).status).toBe(200)
  expect((await get('evil.test')).status).toBe(421)
  expect((await get('0.0.0.0')).status).toBe(421)
})

it.each([
  ['a stream', []],
  ['a stream that a conversation keeps', ['x-natter-conversation: new']],
])('natter devices rm ends %s of that device at once, and its upstream call', async (_what, headers) => {
  await using aimock = await startAimock()
  await using home = createHome({
    providers: { lab: { format: 'openai-chat', baseUrl: aimock.labUrl('openai-chat', 'endless'), local: true } },
  })
  const served = await serve(home)
  const upstream = aimock.lab.nextCall()
  const body = JSON.stringify({ ...DEMO, model: 'lab/x', stream: true })
  const head = [
    'POST /v1/chat/completions HTTP/1.1',
    'host: localhost',
    'content-type: application/json',
    `authorization: Bearer ${served.token}`,
    `content-length: ${body.length}`,
    ...headers,
  ]
  const stream = raw(portOf(served), `${head.join('\r\n')}\r\n\r\n${body}`)
  await until(() => stream.received().includes('more'))
  expect((await home.run(['devices', 'rm', 'serve'])).stderr).toContain('the token of "serve" is revoked')
  await stream.answer()
  await (await upstream).closed
  expect(await statusOf(served)).toBe(401)
  await until(async () => (await clientOf(home).call('turns.list', {})).turns.length === 0)
  const again = await serve(home)
  expect([await statusOf(served), await statusOf(again)]).toEqual([401, 200])
})

it('natter daemon stop lets what is being answered over TCP end', async () => {
  await using home = createHome()
  const served = await serve(home)
  const body = JSON.stringify({ ...DEMO, stream: true })
  const answer = await fetch(`${served.url}/v1/chat/completions`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', authorization: `Bearer ${served.token}` },
    body,
  })
  const reading = answer.text()
  expect((await home.run(['daemon', 'stop'])).code).toBe(0)
  expect(await reading).toMatch(/data: \[DONE\]\n\n$/)
})

it('natter devices shows, limits and revokes', async () => {
  await using home = createHome()
  expect((await home.run(['devices'])).stderr).toContain('"natter serve" makes one')
  const served = await serve(home)
  await statusOf(served)
  expect((await home.run(['devices', 'list'])).stdout).toMatch(
    /^DEVICE +ID +MAY +A MONTH +LAST USED\nserve +[0-9a-f]{8} +openai +no limit +just now\n$/,
  )
  const { devices } = JSON.parse((await home.run(['devices', '--json'])).stdout)
  expect(Object.keys(devices[0])).toEqual(['deviceId', 'name', 'scopes', 'monthlyMicros', 'createdAt', 'usedAt'])
  const digits = devices[0].deviceId.slice(-8)
  expect((await home.run(['devices', 'budget', digits, '0'])).stderr).toContain('"serve" may spend $0 a month')
  const ask = () => sdkOf(served).chat.completions.create({ ...DEMO, messages: [...DEMO.messages] })
  await expect(ask()).rejects.toMatchObject({ status: 402 })
  expect((await home.run(['devices', 'budget', 'serve', 'none'])).code).toBe(0)
  await ask()
  for (const args of [
    ['rm', 'nobody'],
    ['rm', '0000'],
    ['rm', 'e'],
  ]) {
    expect((await home.run(['devices', ...args])).code, String(args)).toBe(1)
  }
  for (const args of [['budget', 'serve', 'much'], ['budget', 'serve', '-1'], ['rm', ' '], ['rm']]) {
    expect((await home.run(['devices', ...args])).code, String(args)).toBe(2)
  }
  expect((await home.run(['devices', 'rm', digits])).code).toBe(0)
  expect((await home.run(['devices', '--json'])).stdout).toContain('"devices": []')
})

it.each([
  [['--port', 'x'], 2],
  [['--port', '65536'], 2],
  [['--host', '192.0.2.250', '--port', '0'], 1],
])('natter serve %j exits %i', async (args, code) => {
  await using home = createHome()
  const result = await home.run(['serve', ...args])
  expect([result.code, result.stdout]).toEqual([code, ''])
})

it('natterd keeps tokens as hashes: none is in a file, the log, a row or an event', async () => {
  await using home = createHome({ daemon: { logLevel: 'debug' } })
  const served = await serve(home)
  const renewed: Served = JSON.parse((await home.run(['serve', '--json', '--new-token'])).stdout)
  const ending = new AbortController()
  let events = ''
  const reading = (async () => {
    for await (const event of readEvents(home.paths.socket, '*', { lastSeq: null, signal: ending.signal })) {
      events += JSON.stringify(event)
    }
  })()
  const { token } = renewed
  const conversation = await sdkOf(renewed).chat.completions.create(
    { ...DEMO, messages: [...DEMO.messages] },
    { headers: { 'x-natter-conversation': 'new' } },
  )
  expect(conversation.choices).toHaveLength(1)
  await until(() => events.includes('turn-end'))
  const port = portOf(renewed)
  for (const [line, ...headers] of [
    [`GET /v1/models?key=${token}`, `x-api-key: ${token}`],
    [`GET /${token}`, `x-api-key: ${token}`],
    ['GET /health', `authorization: Bearer ${token}`, `x-api-key: ${token}`],
    ['GET /health', `authorization: Bearer ${token}`, `host: ${token}`],
    ['GET /health', `authorization: Basic ${token}`, `origin: http://${token}`],
    [`GET /%zz${token}`, `x-api-key: ${token}`],
    [`nonsense ${token}`],
  ] as const) {
    await ask(port, line, ['host: localhost', ...headers])
  }
  for (let guess = 0; guess < 12; guess += 1) await statusOf(served)
  await home.run(['devices', 'rm', 'serve'])
  await home.run(['config', 'set', 'model', 'demo/natter'])
  ending.abort()
  await reading
  await home.run(['daemon', 'stop'])
  expect(readFileSync(`${home.paths.state}/${LOG_FILE}`, 'utf8')).toContain('too many wrong tokens')
  for (const secret of [served, renewed].map((one) => one.token.slice(20))) {
    expect(secret).toHaveLength(43)
    expect(events).not.toContain(secret)
    expect(holding(home, secret)).toEqual([])
  }
  // The search itself finds what is there.
  writeFileSync(`${home.paths.state}/probe`, token)
  expect(holding(home, token)).toHaveLength(1)
})
