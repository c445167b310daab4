import { createServer, type RequestListener, type ServerOptions } from 'node:http'
import { type AddressInfo, connect, Socket } from 'node:net'
import { expect, it } from 'vitest'
import { answerMalformed } from '../../../daemon/server/malformed.ts'

it('answerMalformed() answers 408 to who does not finish a request', async () => {
  await using server = await listen(() => {}, {
    headersTimeout: 20,
    requestTimeout: 20,
    connectionsCheckingInterval: 10,
  })
  const answer = await exchange(server.port, ['GET / HTTP/1.1\r\nHost: x\r\n'])
  expect(answer).toMatch(/^HTTP\/1\.1 408 Request Timeout\r\n/)
  expect(JSON.parse(answer.slice(answer.indexOf('\r\n\r\n')))).toEqual({
    error: {
      code: 'timeout',
      message: 'Cannot read request: it did not arrive in time',
      hint: 'Send the whole request at once',
    },
  })
})

it('answerMalformed() measures its body in bytes and lets nothing be cached', async () => {
  await using server = await listen(() => {})
  const answer = await exchange(server.port, ['nonsense\r\n\r\n'])
  const [head = '', body = ''] = answer.split('\r\n\r\n')
  expect(head).toContain(`\r\ncontent-length: ${Buffer.byteLength(body)}`)
  expect(head).toContain('\r\ncache-control: no-store')
  expect(head).toContain('\r\nconnection: close')
})

it('answerMalformed() writes nothing into an answer that is under way', async () => {
  await using server = await listen((_request, response) => response.write('begun'))
  const answer = await exchange(server.port, ['GET / HTTP/1.1\r\nHost: x\r\n\r\n', 'nonsense\r\n\r\n'])
  expect(answer).toMatch(/^HTTP\/1\.1 200 /)
  expect(answer).not.toContain('HTTP/1.1 400')
})

it('answerMalformed() leaves a socket that is gone', () => {
  const socket = new Socket()
  socket.destroy()
  expect(() => answerMalformed(Object.assign(new Error('gone'), { code: 'HPE_INVALID_METHOD' }), socket)).not.toThrow()
  expect(() => answerMalformed(Object.assign(new Error('gone'), { code: 'ECONNRESET' }), socket)).not.toThrow()
})

interface Listening extends AsyncDisposable {
  readonly port: number
}

async function listen(handle: RequestListener, options: ServerOptions = {}): Promise<Listening> {
  const server = createServer(options, handle)
  server.on('clientError', answerMalformed)
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  return {
    port: (server.address() as AddressInfo).port,
    [Symbol.asyncDispose]: () =>
      new Promise((resolve) => {
        server.close(() => resolve())
        server.closeAllConnections()
      }),
  }
}

/** Sends the first piece at once and each other after something came back; resolves when the other side closes. */
function exchange(port: number, pieces: readonly string[]): Promise<string> {
  const [first = '', ...others] = pieces
  return new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1')
    let answer = ''
    socket.on('data', (chunk) => {
      answer += chunk
      const next = others.shift()
      if (next !== undefined) socket.write(next)
    })
    socket.on('error', () => {})
    socket.on('close', () => resolve(answer))
    socket.write(first)
  })
}
