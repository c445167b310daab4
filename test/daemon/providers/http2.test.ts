// Many streams on one HTTP/2 connection: what one of them does is no matter of the others.

import { createSecureServer, type Http2Session, type ServerHttp2Stream } from 'node:http2'
import type { AddressInfo } from 'node:net'
import { expect, it, vi } from 'vitest'
import { readText } from '../../../daemon/providers/byte-source.ts'
import { createTransport, type HttpResponse } from '../../../daemon/providers/transport.ts'
import { createCertificate } from '../../helpers/certificate.ts'

/** More than all windows and buffers of a stream together. */
const BIG = 2 * 1024 * 1024

it('createTransport() brings many calls to one HTTP/2 server over one connection', async () => {
  await using server = await startHttp2()
  const responses = await Promise.all(Array.from({ length: 10 }, (_, index) => server.send(`/open/${index}`)))
  for (const [path, stream] of server.streams) stream.end(`the rest of ${path}`)
  expect(await Promise.all(responses.map(({ body }) => readText(body, 1_000)))).toEqual(
    responses.map((_, index) => `begun the rest of /open/${index}`),
  )
  expect(server.sessions).toHaveLength(1)
})

it('createTransport() takes an HTTP/2 stream back that is stopped, and leaves the others and the connection', async () => {
  await using server = await startHttp2()
  const stop = new AbortController()
  const stopped = await server.send('/stopped', stop.signal)
  const other = await server.send('/other')
  expect(String(await stopped.body.next())).toBe('begun ')
  const next = stopped.body.next()
  const reason = new Error('stop')
  stop.abort(reason)
  await expect(next).rejects.toBe(reason)
  await vi.waitFor(() => expect(server.streams.get('/stopped')?.closed).toBe(true))
  server.streams.get('/other')?.end('and ended')
  expect(await readText(other.body, 1_000)).toBe('begun and ended')
  const later = await server.send('/later')
  server.streams.get('/later')?.end()
  expect(await readText(later.body, 1_000)).toBe('begun ')
  expect(server.sessions).toHaveLength(1)
})

it('createTransport() gives the room back that unread HTTP/2 streams took', async () => {
  await using server = await startHttp2()
  for (let round = 0; round < 20; round += 1) {
    const stop = new AbortController()
    const path = `/unread/${round}`
    const { body } = await server.send(path, stop.signal)
    server.streams.get(path)?.write(Buffer.alloc(BIG))
    await body.next()
    stop.abort(new Error('stop'))
    await vi.waitFor(() => expect(server.streams.get(path)?.closed).toBe(true))
  }
  const { body } = await server.send('/read')
  server.streams.get('/read')?.end(Buffer.alloc(BIG))
  expect(await readText(body, 2 * BIG)).toHaveLength('begun '.length + BIG)
  expect(server.sessions).toHaveLength(1)
})

/** Begins an answer to every call; the test goes on with it. */
async function startHttp2() {
  const certificate = createCertificate()
  const sessions: Http2Session[] = []
  const streams = new Map<string, ServerHttp2Stream>()
  // What is written to a stopped stream counts for a while; by default 10 MB of it end the session.
  const server = createSecureServer({ ...certificate, maxSessionMemory: 200 })
  server.on('session', (session) => sessions.push(session))
  server.on('stream', (stream, headers) => {
    streams.set(String(headers[':path']), stream)
    // A stream that its reader stops is what these tests are about.
    stream.on('error', () => {})
    stream.respond({ ':status': 200, 'content-type': 'text/event-stream' })
    stream.write('begun ')
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const url = `https://localhost:${(server.address() as AddressInfo).port}`
  const transport = createTransport({ ca: certificate.cert })
  return { send, sessions, streams, [Symbol.asyncDispose]: close }

  function send(path: string, signal = new AbortController().signal): Promise<HttpResponse> {
    const request = { method: 'GET', url: `${url}${path}`, headers: {}, body: null } as const
    return transport.send(request, { proxy: null, connectMs: 10_000, signal })
  }

  async function close(): Promise<void> {
    await transport.close()
    for (const session of sessions) session.destroy()
    await new Promise((resolve) => server.close(resolve))
  }
}
