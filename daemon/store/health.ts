// How the storage is, in one word, for everyone who must act differently on it.

import { faultOf, type StorageFault } from './storage-errors.ts'
import type { StorageState } from './store.ts'

export interface Health {
  state(): StorageState
  /** Takes note of a failure and says what kind it is. */
  failed(error: unknown): StorageFault
  /** Everything that waited is saved. */
  saved(): void
  /** A full check found nothing wrong, or something. */
  checked(ok: boolean): void
}

/** A suspect disk stays suspect until a check says otherwise: after a failed sync, the next one says "done" wrongly. */
export function createHealth(onStateChange: (state: StorageState) => void): Health {
  let current: StorageState = 'ok'
  return { state: () => current, failed, saved, checked }

  function failed(error: unknown): StorageFault {
    const fault = faultOf(error)
    if (fault === 'suspect') become('suspect')
    if (fault === 'full' && current === 'ok') become('full')
    return fault
  }
  function saved(): void {
    if (current === 'full') become('ok')
  }
  function checked(ok: boolean): void {
    if (!ok) become('suspect')
    else if (current === 'suspect') become('ok')
  }
  function become(next: StorageState): void {
    if (next === current) return
    current = next
    onStateChange(next)
  }
}
