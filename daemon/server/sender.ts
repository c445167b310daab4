// Who sends a request, and what it takes up: the owner, whose socket nobody else can open, or a device with a token.

import type { FastifyInstance } from 'fastify'
import type { DeviceId } from '../../src/protocol/ids.ts'
import type { RequestLease } from './tcp-requests.ts'

declare module 'fastify' {
  interface FastifyRequest {
    /** Null: the owner. */
    deviceId: DeviceId | null
    /** Null: the owner's are not counted. */
    lease: RequestLease | null
  }
}

/** Every request is the owner's until a hook says whose it is. */
export function addSender(server: FastifyInstance): void {
  server.decorateRequest('deviceId', null)
  server.decorateRequest('lease', null)
}
