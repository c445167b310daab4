// A vendor that says more than a socket holds, all at once, and then keeps its callers waiting.

import { createServer, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { WIRES } from './wire.ts'

const PIECES = Array.from({ length: 48 }, (_, index) => `${index}:`.padEnd(32_000, `日本${index} `))
export const FLOOD = PIECES.join('')

export interface Flood extends AsyncDisposable {
  readonly baseUrl: string
  /** Callers that were told everything but the end. */
  readonly flooded: number
  /** Callers whose connection is open. */
  readonly open: number
  /** Tells all callers the end. */
  finish(): void
}

export async function startFlood(): Promise<Flood> {
  const open = new Set<ServerResponse>()
  const wire = WIRES['openai-chat']
  let flooded = 0
  const server = createServer((request, response) => {
    open.add(response)
    response.on('close', () => open.delete(response))
    request.resume().on('end', () => {
      response.writeHead(200, { 'content-type': 'text/event-stream' })
      for (const piece of PIECES) response.write(wire.delta(piece))
      response.write(wire.ping, () => {
        flooded += 1
      })
    })
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  return {
    baseUrl: `http://127.0.0.1:${(server.address() as AddressInfo).port}/v1`,
    get flooded() {
      return flooded
    },
    get open() {
      return open.size
    },
    finish() {
      for (const response of open) response.end(wire.end)
    },
    async [Symbol.asyncDispose]() {
      server.closeAllConnections()
      await new Promise((resolve) => server.close(resolve))
    },
  }
}
