// Calls that are under way, for those that ask the same meanwhile: one of them asks, the others wait for its answer.

import type { CachedResponse } from '../store/response-store.ts'

export interface Joining {
  /** The answer of the call that runs, null where it fails; null where none runs. */
  running(key: string): Promise<CachedResponse | null> | null
  /** It runs until `finish` is called. */
  begin(key: string): { finish(response: CachedResponse | null): void }
}

export function createJoining(): Joining {
  const calls = new Map<string, Promise<CachedResponse | null>>()
  return {
    running: (key) => calls.get(key) ?? null,
    begin(key) {
      const { promise, resolve } = Promise.withResolvers<CachedResponse | null>()
      calls.set(key, promise)
      return {
        finish(response) {
          if (calls.get(key) === promise) calls.delete(key)
          resolve(response)
        },
      }
    },
  }
}
