// The TCP socket of the door: strangers are not read, slow senders not waited for.

import type { IncomingMessage, ServerResponse } from 'node:http'
import type { AddressInfo, Socket } from 'node:net'
import { NatterError } from '../src/protocol/errors.ts'
import { answerMalformed } from './server/malformed.ts'

// An import of the module would read all its exports, one of which loads a second HTTP client: 14 ms.
const { createServer } = process.getBuiltinModule('node:http')

export interface TcpAddress {
  readonly host: string
  /** 0: any that is free. */
  readonly port: number
}

export interface TcpLimits {
  readonly headersMs: number
  /** Until all of a request is there; its answer may last as long as it likes. */
  readonly requestMs: number
  /** How often both are looked at. */
  readonly checkMs: number
  readonly connections: number
}

const LIMITS: TcpLimits = { headersMs: 10_000, requestMs: 60_000, checkMs: 2_000, connections: 1_024 }
const KEEP_ALIVE_MS = 60_000
/** A phone that left the network is noticed by the probes of TCP, the first of them after so many milliseconds. */
const PROBE_MS = 5_000

export interface TcpListenerOptions {
  readonly address: TcpAddress
  readonly handle: (request: IncomingMessage, response: ServerResponse) => void
  /** Whether that peer may connect at all. */
  readonly allows: (peer: string | undefined) => boolean
  readonly onStranger: (peer: string | undefined) => void
  readonly limits?: TcpLimits
}

export interface TcpListener {
  readonly address: TcpAddress
  /** The IP address that the host turned out to be. */
  readonly bound: string
  /** Takes no new connections; what is being answered goes on, each connection for that one answer. */
  close(): void
  /** Ends the open connections too. */
  destroy(): void
  /** Resolves when it takes no connections and none is open any more. */
  readonly closed: Promise<void>
}

export async function listenTcp(options: TcpListenerOptions): Promise<TcpListener> {
  const { address, handle, allows, onStranger, limits = LIMITS } = options
  const closed = Promise.withResolvers<void>()
  const server = createServer({
    ...{ headersTimeout: limits.headersMs, requestTimeout: limits.requestMs },
    ...{ connectionsCheckingInterval: limits.checkMs, keepAliveTimeout: KEEP_ALIVE_MS },
    ...{ keepAlive: true, keepAliveInitialDelay: PROBE_MS },
    // Refused where every request is, not by Node, which would give no reason.
    requireHostHeader: false,
  })
  server.maxConnections = limits.connections
  server.prependListener('connection', (socket: Socket) => {
    if (allows(socket.remoteAddress)) return
    onStranger(socket.remoteAddress)
    socket.destroy()
  })
  server.on('request', answer)
  server.on('checkExpectation', answer)
  server.on('close', closed.resolve)
  server.on('clientError', answerMalformed)
  await new Promise<void>((resolve, reject) => {
    server.once('error', (cause) => reject(toFailure(address, cause)))
    server.listen(address, () => resolve())
  })
  const { port, address: bound } = server.address() as AddressInfo
  return {
    address: { host: address.host, port },
    bound,
    close: () => server.close(),
    destroy() {
      server.close()
      server.closeAllConnections()
    },
    closed: closed.promise,
  }

  /** A connection that is kept open would outlive its listener, and be answered as if that were there. */
  function answer(request: IncomingMessage, response: ServerResponse): void {
    const leave = () => {
      if (!server.listening) request.socket.destroySoon()
    }
    response.once('finish', leave)
    handle(request, response)
  }
}

function toFailure({ host, port }: TcpAddress, cause: NodeJS.ErrnoException): NatterError {
  const doing = `Cannot listen on ${host} port ${port}`
  switch (cause.code) {
    case 'EADDRINUSE':
      return new NatterError('conflict', `${doing}: another program listens there`, {
        hint: 'Choose another port with --port, or stop that program',
        cause,
      })
    case 'EACCES':
      return new NatterError('invalid-request', `${doing}: this user may not listen there`, {
        hint: 'Choose a port above 1023',
        cause,
      })
    case 'EADDRNOTAVAIL':
    case 'ENOTFOUND':
    case 'EAI_AGAIN':
      return new NatterError('invalid-request', `${doing}: "${host}" is no address of this machine`, {
        hint: 'Use 127.0.0.1 for this machine alone, or one of its addresses',
        cause,
      })
    default:
      return new NatterError('internal', `${doing}: ${cause.message}`, { cause })
  }
}
