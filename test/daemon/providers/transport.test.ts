import { type AddressInfo, connect, createServer as createTcpServer, type Server, type Socket } from 'node:net'
import { setImmediate } from 'node:timers/promises'
import { expect, it } from 'vitest'
import { readText } from '../../../daemon/providers/byte-source.ts'
import { proxyFor } from '../../../daemon/providers/proxy.ts'
import {
  createTransport,
  type HttpRequest,
  type SendOptions,
  type Transport,
} from '../../../daemon/providers/transport.ts'
import { type Script, startBlackHole, startByteServer } from '../../helpers/byte-server.ts'

const OK: Script = { chunks: ['fine'] }

it('createTransport() uses one connection for calls that follow one another', async () => {
  await using server = await startByteServer(OK)
  await using transport = open()
  for (let call = 0; call < 5; call += 1) expect(await text(transport, server.url)).toBe('fine')
  expect(server.connections).toBe(1)
})

it('createTransport() opens as many connections as calls run at once', async () => {
  await using server = await startByteServer(OK)
  await using transport = open()
  await Promise.all(Array.from({ length: 20 }, () => text(transport, server.url)))
  expect(server.connections).toBeGreaterThan(1)
  expect(server.calls).toHaveLength(20)
})

it('createTransport() asks again on a fresh connection when a reused one died before any byte came back', async () => {
  await using server = await startByteServer(OK, (response) => response.destroy(), OK)
  await using transport = open()
  expect(await text(transport, server.url)).toBe('fine')
  expect(await text(transport, server.url)).toBe('fine')
  expect(server.calls.map((call) => call.connection)).toEqual([0, 0, 1])
})

it('createTransport() asks again only once', async () => {
  await using server = await startByteServer(OK, (response) => response.destroy())
  await using transport = open()
  await text(transport, server.url)
  await expect(text(transport, server.url)).rejects.toThrow()
  expect(server.calls).toHaveLength(3)
})

it('createTransport() does not ask again when a fresh connection dies', async () => {
  await using server = await startByteServer((response) => response.destroy())
  await using transport = open()
  await expect(text(transport, server.url)).rejects.toThrow()
  expect(server.calls).toHaveLength(1)
})

it('createTransport() tells when the request has a connection', async () => {
  await using server = await startByteServer(OK)
  await using transport = open()
  const seen: string[] = []
  await text(transport, server.url, { onConnect: () => void seen.push('first') })
  await text(transport, server.url, { onConnect: () => void seen.push('second') })
  expect(seen).toEqual(['first', 'second'])
})

it('createTransport() follows no redirect', async () => {
  await using server = await startByteServer({ status: 302, headers: { location: 'http://127.0.0.1:1/' }, chunks: [] })
  await using transport = open()
  const response = await transport.send(get(server.url), options())
  expect(response.status).toBe(302)
  await readText(response.body, 100)
})

it('createTransport() stops at once while it still connects', async () => {
  await using hole = await startBlackHole()
  await using transport = open()
  const controller = new AbortController()
  const reason = new Error('stop')
  const sent = transport.send(get(hole.url), options({ signal: controller.signal }))
  await hole.connected
  controller.abort(reason)
  await expect(sent).rejects.toBe(reason)
})

it('createTransport() gives a connection up that does not open in time', async () => {
  await using hole = await startBlackHole()
  await using transport = open()
  await expect(transport.send(get(hole.url), options({ connectMs: 10 }))).rejects.toMatchObject({
    code: 'UND_ERR_CONNECT_TIMEOUT',
  })
})

it('createTransport() goes through a proxy', async () => {
  await using server = await startByteServer(OK)
  await using proxy = await startProxy()
  await using transport = open()
  expect(await text(transport, server.url, { proxy: proxy.url })).toBe('fine')
  expect(proxy.asked.length).toBe(1)
  expect(proxy.asked[0]).toContain(new URL(server.url).host)
})

it('close() cuts what still runs', async () => {
  await using server = await startByteServer({ chunks: ['some'], ending: 'hang' })
  await using transport = open()
  const response = await transport.send(get(server.url), options())
  const read = readText(response.body, 100)
  await transport.close()
  await expect(read).rejects.toThrow()
})

it.each<readonly [string, string, string | null]>([
  ['https://api.example.com/v1', '', 'http://secure:3'],
  ['http://api.example.com/v1', '', 'http://plain:3'],
  ['http://127.0.0.1:11434/v1', '', null],
  ['http://localhost/v1', '', null],
  ['https://api.example.com', 'example.com', null],
  ['https://api.example.com', '.example.com', null],
  ['https://api.example.com', '*.example.com', null],
  ['https://api.example.com', 'other.com, *', null],
  ['https://api.example.com', 'ple.com', 'http://secure:3'],
  ['https://api.example.com:8443', 'api.example.com:443', 'http://secure:3'],
  ['https://api.example.com', 'api.example.com:443', null],
  ['nonsense', '', null],
])('proxyFor() reaches %s with NO_PROXY "%s" through %o', (url, exempt, expected) => {
  const variables = { HTTP_PROXY: 'plain:3', HTTPS_PROXY: 'http://secure:3', NO_PROXY: exempt }
  expect(proxyFor(url, variables)).toBe(expected)
})

it('proxyFor() goes nowhere straight because the proxy cannot be read', () => {
  expect(proxyFor('https://api.example.com', { HTTPS_PROXY: 'http://@@:x' })).toBe('http://@@:x')
})

it('proxyFor() knows no proxy without variables', () => {
  expect(proxyFor('https://api.example.com', {})).toBeNull()
})

function open(): Transport & AsyncDisposable {
  const transport = createTransport()
  return { ...transport, [Symbol.asyncDispose]: transport.close }
}

function get(url: string): HttpRequest {
  return { method: 'GET', url: `${url}/path?x=1`, headers: {}, body: null }
}

function options(given: Partial<SendOptions> = {}): SendOptions {
  return { proxy: null, connectMs: 10_000, signal: new AbortController().signal, ...given }
}

/** Reads to the end of the body, so that the connection is free again. */
async function text(transport: Transport, url: string, given: Partial<SendOptions> = {}): Promise<string> {
  const { body } = await transport.send(get(url), options(given))
  const whole = await readText(body, 1_000)
  // undici gives the connection back after the body's end was heard.
  await setImmediate()
  return whole
}

/** A proxy that opens tunnels and forwards plain requests. */
async function startProxy() {
  const sockets: Socket[] = []
  const asked: string[] = []
  const server = createTcpServer((socket) => {
    sockets.push(socket)
    socket.once('data', (head) => {
      const line = head.toString().split('\r\n')[0] ?? ''
      asked.push(line)
      const [method = '', target = ''] = line.split(' ')
      const url = new URL(method === 'CONNECT' ? `http://${target}` : target)
      const upstream = connect(Number(url.port), url.hostname)
      sockets.push(upstream)
      if (method === 'CONNECT') socket.write('HTTP/1.1 200 OK\r\n\r\n')
      else upstream.write(head)
      socket.pipe(upstream).pipe(socket)
    })
  })
  const url = `http://127.0.0.1:${await listen(server)}`
  return { url, asked, [Symbol.asyncDispose]: () => stop(server, sockets) }
}

async function listen(server: Server): Promise<number> {
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  return (server.address() as AddressInfo).port
}

async function stop(server: Server, sockets: readonly Socket[]): Promise<void> {
  for (const socket of sockets) socket.destroy()
  await new Promise((resolve) => server.close(resolve))
}
