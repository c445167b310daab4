// Who sends a request: the owner, whose socket nobody else can open, or a device with a token.

import type { FastifyInstance } from 'fastify'
import type { DeviceId } from '../../src/protocol/ids.ts'

declare module 'fastify' {
  interface FastifyRequest {
    /** Null: the owner. */
    deviceId: DeviceId | null
  }
}

/** Every request is the owner's until a hook says whose it is. */
export function addSender(server: FastifyInstance): void {
  server.decorateRequest('deviceId', null)
}
