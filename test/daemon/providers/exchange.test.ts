// How a call ends, in the ways that a contract for all formats cannot say.

import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { setImmediate } from 'node:timers/promises'
import { expect, it, vi } from 'vitest'
import type { Endpoint } from '../../../daemon/providers/provider.ts'
import { createProviders } from '../../../daemon/providers/registry.ts'
import { textOf } from '../../../src/protocol/stream.ts'
import { ask, collect, expectFailure } from '../../contracts/provider.ts'
import { startBlackHole, startByteServer } from '../../helpers/byte-server.ts'
import { endpointOf, TEST_KEY } from '../../helpers/endpoint.ts'
import { WIRES } from '../../helpers/wire.ts'

const CHAT = WIRES['openai-chat']
const FINISH = 'data: {"choices":[{"index":0,"delta":{},"finish_reason":"stop"}]}\n\n'
const USAGE = 'data: {"choices":[],"usage":{"prompt_tokens":3,"completion_tokens":4}}\n\n'
const DONE = 'data: [DONE]\n\n'

it('stream() waits for usage that comes after the finish reason', async () => {
  await using server = await startByteServer({ chunks: [CHAT.delta('hi'), FINISH, USAGE, DONE] })
  await using opened = open({ baseUrl: server.url })
  const { reply, error } = await collect(opened.provider, ask('m', 'x'))
  expect(error).toBeNull()
  expect(reply.usage?.outputTokens).toBe(4)
})

it('stream() is complete at the end mark, though the server keeps the connection open', async () => {
  await using server = await startByteServer({ chunks: [CHAT.delta('hi'), FINISH, USAGE, DONE], ending: 'hang' })
  await using opened = open({ baseUrl: server.url })
  const { reply } = await collect(opened.provider, ask('m', 'x'))
  expect(reply.finish?.reason).toBe('stop')
  const [call] = server.calls
  // The reader has its answer while the connection is still drained, and cut after two seconds.
  expect(await Promise.race([call?.closed.then(() => 'closed'), Promise.resolve('open')])).toBe('open')
  await call?.closed
})

it('stream() waits two seconds and no longer when neither usage nor end mark follow the finish reason', async () => {
  await using server = await startByteServer({ chunks: [CHAT.delta('hi'), FINISH], ending: 'hang' })
  await using opened = open({ baseUrl: server.url }, { progress: 500 })
  const { reply, error } = await collect(opened.provider, ask('m', 'x'))
  expect(error).toBeNull()
  expect(reply.finish).toEqual({ reason: 'stop', raw: 'stop' })
  await server.calls[0]?.closed
})

it('stream() is complete when the connection breaks after the finish reason', async () => {
  await using server = await startByteServer({ chunks: [CHAT.delta('hi'), FINISH], ending: 'reset' })
  await using opened = open({ baseUrl: server.url })
  const { reply, error } = await collect(opened.provider, ask('m', 'x'))
  expect(error).toBeNull()
  expect(textOf(reply.parts)).toBe('hi')
})

it('stream() calls a finish reason that it does not know "other"', async () => {
  const finish = FINISH.replace('stop', 'constructor')
  await using server = await startByteServer({ chunks: [CHAT.delta('hi'), finish, DONE] })
  await using opened = open({ baseUrl: server.url })
  const { reply } = await collect(opened.provider, ask('m', 'x'))
  expect(reply.finish).toEqual({ reason: 'other', raw: 'constructor' })
})

it('stream() leaves the connection to the next call', async () => {
  await using server = await startByteServer({ chunks: [CHAT.delta('hi') + FINISH + USAGE + DONE] })
  await using opened = open({ baseUrl: server.url })
  for (let call = 0; call < 4; call += 1) {
    await collect(opened.provider, ask('m', 'x'))
    // undici gives the connection back after the body's end was heard.
    await setImmediate()
  }
  expect(server.connections).toBe(1)
})

it('stream() does not blame the server for a reader that takes its time', async () => {
  await using server = await startByteServer({ chunks: [CHAT.delta('one'), CHAT.delta('two') + FINISH + DONE] })
  await using opened = open({ baseUrl: server.url }, { progress: 30 })
  let text = ''
  for await (const parts of opened.provider.stream(ask('m', 'x'), { signal: new AbortController().signal })) {
    await new Promise((resolve) => setTimeout(resolve, 100))
    for (const part of parts) if (part.type === 'text-delta') text += part.text
  }
  expect(text).toBe('onetwo')
})

it('stream() holds a fast server back while its reader is away', async () => {
  const big = CHAT.delta('x'.repeat(10_000))
  let written = 0
  await using server = await startByteServer((response) => {
    response.writeHead(200, { 'content-type': 'text/event-stream' })
    fill()
    function fill(): void {
      while (response.write(big)) written += big.length
      written += big.length
      response.once('drain', fill)
    }
  })
  await using opened = open({ baseUrl: server.url })
  const iterator = opened.provider
    .stream(ask('m', 'x'), { signal: new AbortController().signal })
    [Symbol.asyncIterator]()
  await iterator.next()
  let before = -1
  while (before !== written) {
    before = written
    await new Promise((resolve) => setTimeout(resolve, 100))
  }
  // Buffers of two sockets and one stream; without holding back it would be hundreds of megabytes.
  expect(written).toBeLessThan(32 * 1024 * 1024)
  await iterator.return?.()
})

it.each([
  ['completed', {}, 'stop'],
  ['incomplete', { incomplete_details: { reason: 'max_output_tokens' } }, 'length'],
])(
  'stream() of openai-responses takes "response.%s" for the end where the status is left out',
  async (type, response, reason) => {
    const end = `data: ${JSON.stringify({ type: `response.${type}`, response })}\n\n`
    await using server = await startByteServer({ chunks: [WIRES['openai-responses'].delta('hi'), end] })
    await using opened = open({ baseUrl: server.url, format: 'openai-responses' })
    const { reply, error } = await collect(opened.provider, ask('m', 'x'))
    expect(error).toBeNull()
    expect(reply.finish?.reason).toBe(reason)
  },
)

it('stream() of openai-responses takes "response.failed" for a failure where the status is left out', async () => {
  const failure = { type: 'response.failed', response: { error: { code: 'server_error', message: 'broken' } } }
  await using server = await startByteServer({ chunks: [`data: ${JSON.stringify(failure)}\n\n`] })
  await using opened = open({ baseUrl: server.url, format: 'openai-responses' })
  const { error } = await collect(opened.provider, ask('m', 'x'))
  expect(expectFailure(error, 'provider-failed').message).toContain('broken')
})

it('stream() tells the head with its request id', async () => {
  await using server = await startByteServer({
    headers: { 'x-request-id': 'req_7', 'x-ratelimit-remaining-requests': '9' },
    chunks: [CHAT.delta('hi') + CHAT.end],
  })
  await using opened = open({ baseUrl: server.url })
  const { head } = await collect(opened.provider, ask('m', 'x'))
  expect(head).toMatchObject({ status: 200, requestId: 'req_7', headers: { 'x-ratelimit-remaining-requests': '9' } })
})

it('stream() tells the head of a refusal too', async () => {
  await using server = await startByteServer({ status: 429, headers: { 'request-id': 'req_8' }, chunks: ['{}'] })
  await using opened = open({ baseUrl: server.url, format: 'anthropic' })
  const { head } = await collect(opened.provider, ask('m', 'x'))
  expect(head).toMatchObject({ status: 429, requestId: 'req_8' })
})

it.each(['openai-chat', 'openai-responses', 'anthropic', 'gemini'] as const)(
  'stream() of %s names the host that nothing listens on',
  async (format) => {
    await using server = await startByteServer({ chunks: [] })
    await server[Symbol.asyncDispose]()
    await using opened = open({ format, baseUrl: server.url })
    const { error } = await collect(opened.provider, ask('m', 'x'))
    const failure = expectFailure(error, 'connection-failed')
    expect(failure.message).toBe(`Cannot reach "acme" at ${new URL(server.url).host}: nothing listens there`)
    expect(failure.hint).not.toBeNull()
  },
)

it('stream() says how to start a local server that does not run', async () => {
  await using server = await startByteServer({ chunks: [] })
  await server[Symbol.asyncDispose]()
  await using opened = open({ baseUrl: server.url, provider: 'ollama', local: true })
  const { error } = await collect(opened.provider, ask('m', 'x'))
  expect(expectFailure(error, 'connection-failed').hint).toBe('Start it with "ollama serve"')
})

it('stream() says connection-failed when the server hangs up without a word', async () => {
  await using server = await startByteServer((response) => response.destroy())
  await using opened = open({ baseUrl: server.url })
  const { error } = await collect(opened.provider, ask('m', 'x'))
  expectFailure(error, 'connection-failed')
})

it.each(['not a url', 'localhost:11434', 'ftp://example.com'])(
  'stream() refuses the base URL "%s"',
  async (baseUrl) => {
    await using opened = open({ baseUrl })
    const { error } = await collect(opened.provider, ask('m', 'x'))
    expect(expectFailure(error, 'invalid-request').message).toContain('is no http address')
  },
)

it.each(['openai-chat', 'anthropic', 'gemini'] as const)(
  'stream() of %s refuses a key that a header cannot hold, without showing it',
  async (format) => {
    await using opened = open({ format, apiKey: `${TEST_KEY}\nx` })
    const { error } = await collect(opened.provider, ask('m', 'x'))
    const failure = expectFailure(error, 'invalid-request')
    expect(`${failure.message} ${failure.cause}`).not.toContain(TEST_KEY)
  },
)

it('stream() gives up on the part of an error body that is too long', async () => {
  await using server = await startByteServer((response) => {
    response.writeHead(500, { 'content-type': 'text/plain' })
    const timer = setInterval(() => response.write('x'.repeat(16_384)), 1)
    response.on('close', () => clearInterval(timer))
  })
  await using opened = open({ baseUrl: server.url, format: 'gemini' })
  const { error } = await collect(opened.provider, ask('m', 'x'))
  expectFailure(error, 'provider-failed')
  await server.calls[0]?.closed
})

it.each(['reset', 'hang'] as const)(
  'stream() names the status of a refusal whose body ends in a %s',
  async (ending) => {
    const headers = { 'retry-after': '7', 'content-length': '5000' }
    await using server = await startByteServer({ status: 429, headers, chunks: ['{"error":{"mess'], ending })
    await using opened = open({ baseUrl: server.url })
    const { error, head } = await collect(opened.provider, ask('m', 'x'))
    expect(expectFailure(error, 'rate-limited')).toMatchObject({ retryAfterMs: 7_000 })
    expect(head?.status).toBe(429)
    await server.calls[0]?.closed
  },
)

it('stream() names the status of a refusal whose body is slower than its timers', async () => {
  await using server = await startByteServer({ status: 401, chunks: ['no'], ending: 'hang' })
  await using opened = open({ baseUrl: server.url }, { total: 1_500 })
  const { error } = await collect(opened.provider, ask('m', 'x'))
  expect(expectFailure(error, 'key-refused').message).toContain('(401')
})

it('stream() can be stopped while the body of a refusal comes', async () => {
  await using server = await startByteServer({ status: 401, chunks: ['no'], ending: 'hang' })
  await using opened = open({ baseUrl: server.url })
  const stop = new AbortController()
  const asked = collect(opened.provider, ask('m', 'x'), { signal: stop.signal })
  await vi.waitFor(() => expect(server.calls).toHaveLength(1))
  stop.abort({ type: 'cancelled' })
  expect((await asked).error).toEqual({ type: 'cancelled' })
})

it('listModels() names the status of a refusal whose body is cut', async () => {
  await using server = await startByteServer({ status: 401, chunks: ['no'], ending: 'reset' })
  await using opened = open({ baseUrl: server.url })
  await expect(opened.provider.listModels(new AbortController().signal)).rejects.toMatchObject({ code: 'key-refused' })
})

it('stream() names the phase of a connection that does not open', async () => {
  await using hole = await startBlackHole()
  await using opened = open({ baseUrl: hole.url }, { connect: 40 })
  const { error } = await collect(opened.provider, ask('m', 'x'))
  expect(expectFailure(error, 'timeout').message).toContain('no connection within 40 ms')
})

it.each(['http', 'https'])('stream() to %s names the proxy that nothing listens on, not the server', async (scheme) => {
  await using gone = await startByteServer({ chunks: [] })
  await gone[Symbol.asyncDispose]()
  const { host } = new URL(gone.url)
  // A password that cannot be decoded means itself.
  await using opened = open({ baseUrl: `${scheme}://example.com/v1`, proxy: `http://me:100%secret-word@${host}` })
  const { error } = await collect(opened.provider, ask('m', 'x'))
  const failure = expectFailure(error, 'connection-failed')
  expect(failure.message).toBe(`Cannot reach the proxy ${host} on the way to "acme": nothing listens there`)
  expect(failure.hint).toContain('HTTPS_PROXY')
})

it.each([
  ['http', 407, 'it asks for a name and a password'] as const,
  ['https', 502, 'it opened no connection (502)'] as const,
])('stream() to %s names the proxy that answers %i', async (scheme, status, reason) => {
  await using proxy = await startRefusingProxy(status)
  await using opened = open({ baseUrl: `${scheme}://example.com/v1`, proxy: proxy.url })
  const { error } = await collect(opened.provider, ask('m', 'x'))
  const failure = expectFailure(error, 'connection-failed')
  expect(failure.message).toBe(`Cannot reach the proxy ${new URL(proxy.url).host} on the way to "acme": ${reason}`)
})

it('stream() names the proxy that never answers', async () => {
  await using hole = await startBlackHole()
  const proxy = hole.url.replace('https', 'http')
  await using opened = open({ baseUrl: 'https://example.com/v1', proxy }, { connect: 40 })
  const { error } = await collect(opened.provider, ask('m', 'x'))
  expect(expectFailure(error, 'timeout').message).toContain('no connection through the proxy within 40 ms')
})

it.each(['ftp://127.0.0.1:1', 'socks4://127.0.0.1:1', 'http://me:secret-word@@:x'])(
  'stream() names the proxy address "%s" as what is wrong',
  async (proxy) => {
    await using opened = open({ baseUrl: 'https://example.com/v1', proxy })
    const { error } = await collect(opened.provider, ask('m', 'x'))
    const failure = expectFailure(error, 'invalid-request')
    expect(failure.message).toContain('its address should begin with http://, https:// or socks5://')
    expect(`${failure.message} ${failure.cause}`).not.toContain('secret-word')
  },
)

it('stream() keeps many calls at once apart', async () => {
  await using server = await startByteServer((response, _request, body) => {
    const { messages } = JSON.parse(body) as { messages: { content: string }[] }
    const name = messages.at(-1)?.content ?? ''
    response.writeHead(200, { 'content-type': 'text/event-stream' })
    let sent = 0
    const timer = setInterval(() => {
      response.write(CHAT.delta(`${name} `))
      sent += 1
      if (sent < 20) return
      clearInterval(timer)
      response.end(CHAT.end)
    }, 1)
  })
  await using opened = open({ baseUrl: server.url })
  const names = Array.from({ length: 30 }, (_, index) => `name-${index}`)
  const outcomes = await Promise.all(names.map((name) => collect(opened.provider, ask('m', name))))
  for (const [index, { reply }] of outcomes.entries()) {
    expect(textOf(reply.parts)).toBe(`name-${index} `.repeat(20))
  }
})

function open(endpoint: Partial<Endpoint>, timers: Partial<Endpoint['timers']> = {}) {
  const providers = createProviders()
  return { provider: providers.provider(endpointOf(endpoint, timers)), [Symbol.asyncDispose]: () => providers.close() }
}

/** Answers whatever it is asked for with that status. */
async function startRefusingProxy(status: number) {
  const server = createServer((_request, response) => response.writeHead(status).end())
  server.on('connect', (_request, socket) => socket.end(`HTTP/1.1 ${status} No\r\ncontent-length: 0\r\n\r\n`))
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as AddressInfo
  return {
    url: `http://127.0.0.1:${port}`,
    async [Symbol.asyncDispose]() {
      server.closeAllConnections()
      await new Promise((resolve) => server.close(resolve))
    },
  }
}
