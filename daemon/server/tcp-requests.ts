// What is being answered over TCP now, and to whom: counted, waited for, and ended when a token is revoked.

import type { ServerResponse } from 'node:http'
import { NatterError } from '../../src/protocol/errors.ts'
import type { DeviceId } from '../../src/protocol/ids.ts'

/** What one request takes up, from its head until its answer or its connection ends. */
export interface RequestLease {
  /** Takes it up until the returned function is called too: what was asked goes on without its connection. */
  extend(): () => void
  /** Its body turned out to be so large, in bytes. */
  setBytes(bytes: number): void
}

export interface OpenRequests {
  /** Throws where the device has as many open as it may, or where there is no room for its body. */
  begin(request: NewRequest): RequestLease
  /** Cuts the connections of that device's requests. */
  end(deviceId: DeviceId): void
  endAll(): void
  /** Resolves when none is open any more, after `patienceMs` at the latest. */
  drain(patienceMs: number): Promise<void>
}

export interface NewRequest {
  readonly deviceId: DeviceId
  readonly response: ServerResponse
  /** Of its body, at most. */
  readonly bytes: number
}

export interface OpenRequestsOptions {
  /** For each device. */
  readonly requestsMax: number
  /** Bodies of all devices together. */
  readonly bytesMax: number
}

export function createOpenRequests({ requestsMax, bytesMax }: OpenRequestsOptions): OpenRequests {
  const open = new Map<DeviceId, Set<ServerResponse>>()
  const waiting = new Set<() => void>()
  let allBytes = 0
  return {
    begin({ deviceId, response, bytes }) {
      const count = open.get(deviceId)?.size ?? 0
      if (count >= requestsMax) throw tooMany(requestsMax)
      if (allBytes + bytes > bytesMax) throw noRoom()
      return createLease({ deviceId, response, bytes })
    },
    end: (deviceId) => cut(open.get(deviceId)),
    endAll() {
      for (const responses of open.values()) cut(responses)
    },
    async drain(patienceMs) {
      if (open.size === 0) return
      const { promise, resolve } = Promise.withResolvers<void>()
      const timer = setTimeout(resolve, patienceMs)
      waiting.add(resolve)
      await promise
      waiting.delete(resolve)
      clearTimeout(timer)
    },
  }

  function createLease({ deviceId, response, bytes: announced }: NewRequest): RequestLease {
    let bytes = announced
    let holders = 0
    response.once('close', extend())
    return {
      extend,
      setBytes(actual) {
        if (holders > 0) allBytes += actual - bytes
        bytes = actual
      },
    }

    /** A turn may begin after its client has left: then it counts again. */
    function extend(): () => void {
      if (holders === 0) enter()
      holders += 1
      let isHeld = true
      return () => {
        if (!isHeld) return
        isHeld = false
        holders -= 1
        if (holders === 0) leave()
      }
    }

    function enter(): void {
      allBytes += bytes
      const own = open.get(deviceId) ?? new Set()
      open.set(deviceId, own.add(response))
    }

    function leave(): void {
      allBytes -= bytes
      const own = open.get(deviceId)
      own?.delete(response)
      if (own?.size === 0) open.delete(deviceId)
      if (open.size === 0) for (const wake of waiting) wake()
    }
  }
}

function cut(responses: Iterable<ServerResponse> = []): void {
  for (const response of [...responses]) response.destroy()
}

function tooMany(most: number): NatterError {
  return new NatterError('rate-limited', `Cannot answer: ${most} requests of this device are being answered`, {
    hint: 'Send the next one when one of them has ended',
    retryAfterMs: 1_000,
  })
}

function noRoom(): NatterError {
  return new NatterError('queue-full', 'Cannot read request: the requests that are being answered take up all room', {
    hint: 'Send it again when some of them have ended, and say its length in "content-length"',
    retryAfterMs: 2_000,
  })
}
