// The TCP door on a free port, with routes that tests can hold open, and a client that sends exactly what it is told.

import type { ServerResponse } from 'node:http'
import { connect, type Socket } from 'node:net'
import type { FastifyReply } from 'fastify'
import { createTcpServer, type TcpServer, type TcpServerOptions } from '../../daemon/server/tcp-server.ts'
import { toNames } from '../../daemon/server/trust-request.ts'
import { listenTcp, type TcpLimits, type TcpListener } from '../../daemon/tcp-listener.ts'
import { createTestDevices, type TestDevices } from './device-records.ts'

export interface DoorOptions extends Partial<Pick<TcpServerOptions, 'deviceRequestsMax' | 'bodiesMax' | 'addRoutes'>> {
  readonly limits?: Partial<TcpLimits>
  readonly allows?: (peer: string | undefined) => boolean
  readonly names?: readonly string[]
}

export interface Door extends AsyncDisposable, TestDevices {
  readonly port: number
  readonly server: TcpServer
  readonly listener: TcpListener
  /** Of a device that may use what stands below /v1. */
  readonly token: string
  /** Bodies that reached a route. */
  readonly bodies: unknown[]
  /** Answers of `GET /v1/stream` and `POST /v1/hold`, which end when the test ends them. */
  readonly streams: ServerResponse[]
  readonly failures: unknown[]
  readonly lockedOut: string[]
  readonly strangers: (string | undefined)[]
  /** What the lock-out's clock says. */
  setClock(now: number): void
}

const LIMITS: TcpLimits = { headersMs: 10_000, requestMs: 10_000, checkMs: 10, connections: 100 }

export async function openDoor(options: DoorOptions = {}): Promise<Door> {
  const test = await createTestDevices(new Map(), (deviceId) => server.requests.end(deviceId))
  const { token } = await test.devices.add({ name: 'serve', scopes: ['openai'], monthlyMicros: null })
  const bodies: unknown[] = []
  const streams: ServerResponse[] = []
  const failures: unknown[] = []
  const lockedOut: string[] = []
  const strangers: (string | undefined)[] = []
  const state = { clock: 0 }
  const hold = (reply: FastifyReply) => {
    reply.hijack()
    reply.raw.writeHead(200, { 'content-type': 'text/event-stream' })
    reply.raw.write('data: begun\n\n')
    streams.push(reply.raw)
  }
  const server = await createTcpServer({
    recognise: test.devices.recognise,
    names: () => toNames(options.names ?? []),
    now: () => state.clock,
    onLockedOut: (peer) => void lockedOut.push(peer),
    onFailure: (error) => void failures.push(error),
    health: () => ({ status: 'ok' }),
    metrics: () => Promise.resolve('natter_up 1\n'),
    addRoutes(routes) {
      options.addRoutes?.(routes)
      routes.post('/v1/echo', (request) => {
        bodies.push(request.body)
        return { deviceId: request.deviceId, body: request.body }
      })
      routes.get('/v1/fails', () => Promise.reject(new Error('a fault of ours')))
      routes.get('/v1/stream', (_request, reply) => hold(reply))
      routes.post('/v1/hold', (_request, reply) => hold(reply))
    },
    ...(options.bodiesMax === undefined ? {} : { bodiesMax: options.bodiesMax }),
    ...(options.deviceRequestsMax === undefined ? {} : { deviceRequestsMax: options.deviceRequestsMax }),
  })
  const listener = await listenTcp({
    address: { host: '127.0.0.1', port: 0 },
    handle: server.handle,
    allows: options.allows ?? (() => true),
    onStranger: (peer) => void strangers.push(peer),
    limits: { ...LIMITS, ...options.limits },
  })
  return Object.assign(test, {
    ...{ server, listener, token, bodies, streams, failures, lockedOut, strangers, port: listener.address.port },
    setClock(now: number) {
      state.clock = now
    },
    [Symbol.asyncDispose]: async () => {
      listener.destroy()
      await server.close()
    },
  })
}

export interface RawAnswer {
  /** 0: the connection ended without an answer. */
  readonly status: number
  readonly headers: { readonly [name: string]: string }
  readonly body: string
}

/** Sends these bytes as they are. */
export function raw(port: number, bytes: string): RawExchange {
  const socket = connect(port, '127.0.0.1')
  let text = ''
  socket.setEncoding('utf8')
  socket.on('data', (chunk: string) => {
    text += chunk
  })
  // A server that cuts the connection is what some tests want to see.
  socket.on('error', () => {})
  socket.write(bytes)
  const closed = new Promise<void>((resolve) => socket.once('close', () => resolve()))
  return {
    socket,
    received: () => text,
    answer: async () => {
      await closed
      return parse(text)
    },
  }
}

export interface RawExchange {
  readonly socket: Socket
  readonly received: () => string
  /** When the server has closed the connection. */
  answer(): Promise<RawAnswer>
}

/** One request with these header lines besides `connection: close`, and its answer. */
export function ask(port: number, line: string, headers: readonly string[], body = ''): Promise<RawAnswer> {
  const lines = [`${line} HTTP/1.1`, ...headers, 'connection: close']
  return raw(port, `${lines.join('\r\n')}\r\n\r\n${body}`).answer()
}

function parse(text: string): RawAnswer {
  const [head = '', ...rest] = text.split('\r\n\r\n')
  const [line = '', ...lines] = head.split('\r\n')
  const headers = Object.fromEntries(
    lines.map((one) => [one.slice(0, one.indexOf(':')).toLowerCase(), one.slice(one.indexOf(':') + 1).trim()]),
  )
  return { status: Number(line.split(' ')[1] ?? 0), headers, body: rest.join('\r\n\r\n') }
}
