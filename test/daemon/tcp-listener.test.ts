// The TCP socket under the door: who is not read, and who is not waited for.

import { createServer } from 'node:net'
import { expect, it } from 'vitest'
import { listenTcp } from '../../daemon/tcp-listener.ts'
import { ask, openDoor, raw } from '../helpers/tcp-door.ts'
import { until } from '../helpers/until.ts'

const HOST = 'host: 127.0.0.1'

it('listenTcp() closes the connection of a stranger before anything of it is read', async () => {
  await using door = await openDoor({ allows: () => false })
  const answer = await ask(door.port, 'GET /health', [HOST, `authorization: Bearer ${door.token}`])
  expect(answer.status).toBe(0)
  expect(door.strangers).toEqual(['127.0.0.1'])
  expect(door.uses).toEqual([])
})

it.each([
  ['nothing', ''],
  ['a part of its headers', `GET /health HTTP/1.1\r\n${HOST}\r\nx-a`],
  ['a part of its body', 'body'],
])('listenTcp() answers 408 to who sends %s and no more, and goes on for the others', async (_what, begin) => {
  await using door = await openDoor({ limits: { headersMs: 100, requestMs: 100 } })
  const head = `POST /v1/echo HTTP/1.1\r\n${HOST}\r\ncontent-type: application/json\r\nauthorization: Bearer ${door.token}`
  const slow = Array.from({ length: 20 }, () =>
    raw(door.port, begin === 'body' ? `${head}\r\ncontent-length: 9\r\n\r\n{` : begin),
  )
  const answers = await Promise.all(slow.map((one) => one.answer()))
  for (const { status } of answers) expect(status).toBe(408)
  expect((await ask(door.port, 'GET /health', [HOST, `authorization: Bearer ${door.token}`])).status).toBe(200)
})

it('listenTcp() gives up who sends a byte now and then', async () => {
  await using door = await openDoor({ limits: { headersMs: 100, requestMs: 100 } })
  const slow = raw(door.port, `GET /health HTTP/1.1\r\n${HOST}\r\nx-a: `)
  const timer = setInterval(() => slow.socket.writable && slow.socket.write('a'), 5)
  expect((await slow.answer()).status).toBe(408)
  clearInterval(timer)
})

it('listenTcp() lets an answer last longer than a request may take', async () => {
  await using door = await openDoor({ limits: { headersMs: 50, requestMs: 50 } })
  const stream = raw(door.port, `GET /v1/stream HTTP/1.1\r\n${HOST}\r\nauthorization: Bearer ${door.token}\r\n\r\n`)
  await until(() => door.streams.length === 1)
  // Another connection that begins later is given up meanwhile.
  expect((await raw(door.port, 'GET').answer()).status).toBe(408)
  door.streams[0]?.end('data: ended\n\n')
  await until(() => stream.received().includes('data: ended'))
  stream.socket.destroy()
})

it.each([
  ['nonsense\r\n\r\n', 400],
  [`GET / HTTP/1.1\r\n${HOST}\r\nx: ${'x'.repeat(20_000)}\r\n\r\n`, 431],
  [`POST / HTTP/1.1\r\n${HOST}\r\ncontent-length: 1\r\ntransfer-encoding: chunked\r\n\r\n0\r\n\r\n`, 400],
  ['\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03', 400],
])('listenTcp() answers bytes that are no request as the socket does', async (bytes, status) => {
  await using door = await openDoor()
  const answer = await raw(door.port, bytes).answer()
  expect(answer.status).toBe(status)
  expect(JSON.parse(answer.body).error.message).toContain('Cannot read request')
})

it('listenTcp() takes no more connections than it may', async () => {
  await using door = await openDoor({ limits: { connections: 3 } })
  const held = Array.from({ length: 3 }, () => raw(door.port, 'GET'))
  const refused = raw(door.port, `GET /health HTTP/1.1\r\n${HOST}\r\nauthorization: Bearer ${door.token}\r\n\r\n`)
  expect((await refused.answer()).status).toBe(0)
  for (const { socket } of held) socket.destroy()
  await until(
    async () => (await ask(door.port, 'GET /health', [HOST, `authorization: Bearer ${door.token}`])).status === 200,
  )
})

it('listenTcp() says in words why it cannot listen', async () => {
  const taken = createServer()
  await new Promise<void>((resolve) => taken.listen(0, '127.0.0.1', resolve))
  const { port } = taken.address() as { port: number }
  const listen = (address: { readonly host: string; readonly port: number }) =>
    listenTcp({ address, handle() {}, allows: () => true, onStranger() {} })
  await expect(listen({ host: '127.0.0.1', port })).rejects.toMatchObject({
    code: 'conflict',
    message: `Cannot listen on 127.0.0.1 port ${port}: another program listens there`,
  })
  await expect(listen({ host: '192.0.2.250', port: 0 })).rejects.toMatchObject({
    message: expect.stringContaining('"192.0.2.250" is no address of this machine'),
  })
  taken.close()
})
