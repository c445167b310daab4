// Keeps the WAL small without the main thread: the copying and its syncs run on a worker.

import type Database from 'better-sqlite3'
import type { StoreWorker } from './worker-client.ts'

/** A WAL with more than this is copied into the database while work goes on … */
const BUSY_BYTES = 4 * 1024 * 1024
/** … and with more than this once nothing was written for a while; less is not worth a thread. */
const IDLE_BYTES = 1024 * 1024
const LOOK_MS = 1_000
const IDLE_MS = 10_000

export interface Checkpoints {
  /** Something was committed. */
  committed(): void
  close(): void
}

export function createCheckpoints(database: Database.Database, worker: StoreWorker): Checkpoints {
  const pageBytes = Number(database.pragma('page_size', { simple: true }))
  const look = database.prepare<[], { log: number; checkpointed: number }>('PRAGMA wal_checkpoint(NOOP)')
  let busyTimer: NodeJS.Timeout | null = null
  let idleTimer: NodeJS.Timeout | null = null
  let running = false
  let closed = false
  return { committed, close }

  function committed(): void {
    if (closed) return
    busyTimer ??= setTimeout(() => {
      busyTimer = null
      if (pendingBytes() > BUSY_BYTES) void run(false)
    }, LOOK_MS).unref()
    if (idleTimer !== null) return void idleTimer.refresh()
    idleTimer = setTimeout(() => {
      if (logBytes() > IDLE_BYTES) void run(true)
    }, IDLE_MS).unref()
  }

  function pendingBytes(): number {
    const { log = 0, checkpointed = 0 } = look.get() ?? {}
    return (log - checkpointed) * pageBytes
  }

  function logBytes(): number {
    return (look.get()?.log ?? 0) * pageBytes
  }

  async function run(truncate: boolean): Promise<void> {
    if (running || closed) return
    running = true
    try {
      await worker.run({ type: 'checkpoint', truncate })
    } catch {
      // What could not be copied stays in the WAL, where it is safe; the next look tries again.
    } finally {
      running = false
    }
  }

  function close(): void {
    closed = true
    if (busyTimer !== null) clearTimeout(busyTimer)
    if (idleTimer !== null) clearTimeout(idleTimer)
  }
}
