// Brings commits to the disk without blocking: SQLite commits with synchronous=NORMAL, and this syncs the -wal file
// from libuv's threads. In WAL mode that is what synchronous=FULL does, but there the main thread waits for the disk.

import { close, fdatasync, openSync } from 'node:fs'
import { promisify } from 'node:util'

const syncFile = promisify(fdatasync)
const closeFile = promisify(close)

/** Text of running replies reaches the disk at the latest this long after it was committed. */
const DIRTY_MS = 1_000

export interface WalSync {
  /** Something was committed whose loss at a power cut is bearable for a second. */
  dirty(): void
  /** Resolves when everything committed so far is on the disk; all who ask meanwhile share the next sync. */
  durable(): Promise<void>
  close(): Promise<void>
}

export interface WalSyncOptions {
  /** Of the database; locks are on that file and on -shm, never on -wal, so a second descriptor is safe. */
  readonly file: string
  /** Makes the commits durable in another way, or throws: after a failed sync the kernel forgets what was not written. */
  readonly heal: () => void
  readonly onFailure: (error: unknown) => void
}

export function createWalSync(options: WalSyncOptions): WalSync {
  const descriptor = openSync(`${options.file}-wal`, 'r+')
  let running: Promise<void> | null = null
  let next: Promise<void> | null = null
  let timer: NodeJS.Timeout | null = null
  return { dirty, durable, close: end }

  function dirty(): void {
    if (timer !== null) return
    timer = setTimeout(() => {
      timer = null
      // The failure was reported; nobody waits for this one.
      durable().catch(() => {})
    }, DIRTY_MS)
    timer.unref()
  }

  function durable(): Promise<void> {
    // A sync that runs may have begun before the newest commit, so it does not count.
    if (running === null) return start()
    next ??= running.then(start, start)
    return next
  }

  function start(): Promise<void> {
    next = null
    clearTimer()
    const current = sync().finally(() => {
      if (running === current) running = null
    })
    running = current
    return current
  }

  async function sync(): Promise<void> {
    try {
      await syncFile(descriptor)
    } catch (error) {
      options.onFailure(error)
      options.heal()
    }
  }

  function clearTimer(): void {
    if (timer !== null) clearTimeout(timer)
    timer = null
  }

  async function end(): Promise<void> {
    clearTimer()
    await (next ?? running)?.catch(() => {})
    await closeFile(descriptor)
  }
}
