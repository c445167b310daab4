// What is being answered over TCP now, and to whom: counted, waited for, and ended when a token is revoked.

import type { ServerResponse } from 'node:http'
import type { DeviceId } from '../../src/protocol/ids.ts'

export interface OpenRequests {
  /** False where the device has as many open as it may; else it is open until its answer or its connection ends. */
  begin(deviceId: DeviceId, response: ServerResponse): boolean
  /** Cuts the connections of that device's requests. */
  end(deviceId: DeviceId): void
  endAll(): void
  /** Resolves when none is open any more, after `patienceMs` at the latest. */
  drain(patienceMs: number): Promise<void>
}

export function createOpenRequests(deviceMax: number): OpenRequests {
  const open = new Map<DeviceId, Set<ServerResponse>>()
  const waiting = new Set<() => void>()
  return {
    begin(deviceId, response) {
      const own = open.get(deviceId) ?? new Set()
      if (own.size >= deviceMax) return false
      open.set(deviceId, own.add(response))
      response.once('close', () => {
        own.delete(response)
        if (own.size === 0 && open.get(deviceId) === own) open.delete(deviceId)
        if (open.size === 0) for (const wake of waiting) wake()
      })
      return true
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
}

function cut(responses: Iterable<ServerResponse> = []): void {
  for (const response of [...responses]) response.destroy()
}
