// Reads on the main thread: short ones, each a promise outside, and a failure of the storage said as such.

import type { Health } from './health.ts'
import { toStorageError } from './storage-errors.ts'

export type Read = <Value>(work: () => Value) => Promise<Value>

export function createRead(health: Health): Read {
  return async (work) => {
    try {
      return work()
    } catch (error) {
      health.failed(error)
      throw toStorageError('Cannot read the database', error)
    }
  }
}
