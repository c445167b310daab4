// A loopback HTTP server that answers with exactly the bytes it is told, cut where it is told.

import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import { type AddressInfo, createServer as createTcpServer, type Socket } from 'node:net'

export interface ByteCall {
  readonly method: string
  readonly path: string
  readonly headers: IncomingMessage['headers']
  readonly body: string
  /** Which connection brought it: 0 for the first. */
  readonly connection: number
  readonly closed: Promise<void>
}

export interface Reply {
  /** Default 200. */
  readonly status?: number
  readonly headers?: { readonly [name: string]: string }
  /** Each is one write, and reaches the client as a read of its own. */
  readonly chunks: readonly (string | Uint8Array)[]
  /** How the answer ends; default `end`. `reset` cuts the connection, `hang` leaves it open. */
  readonly ending?: 'end' | 'reset' | 'hang'
}

/** A reply, or a function that does as it likes. */
export type Script = Reply | ((response: ServerResponse, request: IncomingMessage, body: string) => void)

export interface ByteServer extends AsyncDisposable {
  /** Without a slash at the end. */
  readonly url: string
  readonly calls: readonly ByteCall[]
  readonly connections: number
  /** Says what the next unanswered call gets; the last one said is repeated. */
  enqueue(...scripts: readonly Script[]): void
  /** Cuts every connection that is open. */
  cutAll(): void
}

export async function startByteServer(...scripts: readonly Script[]): Promise<ByteServer> {
  const queue: Script[] = [...scripts]
  const calls: ByteCall[] = []
  const sockets: Socket[] = []
  const server = createServer((request, response) => void answer(request, response))
  server.on('connection', (socket) => {
    socket.setNoDelay(true)
    sockets.push(socket)
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as AddressInfo
  return {
    url: `http://127.0.0.1:${port}`,
    calls,
    get connections() {
      return sockets.length
    },
    enqueue: (...more) => void queue.push(...more),
    cutAll: () => {
      for (const socket of sockets) socket.destroy()
    },
    async [Symbol.asyncDispose]() {
      for (const socket of sockets) socket.destroy()
      await new Promise((resolve) => server.close(resolve))
    },
  }

  async function answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const closed = new Promise<void>((resolve) => response.on('close', resolve))
    let body = ''
    for await (const chunk of request.setEncoding('utf8')) body += chunk
    const { method = '', url = '', headers } = request
    calls.push({ method, path: url, headers, body, connection: sockets.indexOf(request.socket), closed })
    const script = queue.length > 1 ? queue.shift() : queue[0]
    if (script === undefined) throw new Error('The byte server has nothing to say')
    if (typeof script === 'function') script(response, request, body)
    else await send(script, response)
  }
}

async function send(reply: Reply, response: ServerResponse): Promise<void> {
  const { chunks, ending = 'end' } = reply
  response.writeHead(reply.status ?? 200, { 'content-type': 'text/event-stream', ...reply.headers })
  response.flushHeaders()
  for (const chunk of chunks) {
    await new Promise((resolve) => response.write(chunk, resolve))
    // The next write goes out in a packet of its own after the client had a chance to read this one.
    await new Promise((resolve) => setImmediate(resolve))
  }
  if (ending === 'end') response.end()
  if (ending === 'reset') response.destroy()
}

export interface BlackHole extends AsyncDisposable {
  /** An https address. */
  readonly url: string
  /** Resolves when the first connection came. */
  readonly connected: Promise<void>
}

/** Takes connections and never says a word of TLS, so that none is ever complete. */
export async function startBlackHole(): Promise<BlackHole> {
  const sockets: Socket[] = []
  const connected = Promise.withResolvers<void>()
  const server = createTcpServer((socket) => {
    sockets.push(socket)
    socket.on('error', () => {
      // The other side gives up: that is what it is for.
    })
    connected.resolve()
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as AddressInfo
  return {
    url: `https://127.0.0.1:${port}`,
    connected: connected.promise,
    async [Symbol.asyncDispose]() {
      for (const socket of sockets) socket.destroy()
      await new Promise((resolve) => server.close(resolve))
    },
  }
}
