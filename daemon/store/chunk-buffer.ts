// The text of running replies between two ticks: everything of all streams goes into one transaction.

import type Database from 'better-sqlite3'
import type { MessageId } from '../../src/protocol/ids.ts'
import type { ChunkTable } from './chunk-table.ts'
import type { Health } from './health.ts'
import type { ReplyChunk } from './store.ts'

const TICK_MS = 100

export interface ChunkBuffer {
  append(chunk: ReplyChunk): void
  /** Forgets what is not written yet; the finished message brings it all. */
  drop(messageId: MessageId): void
  /** Writes now. False where the disk refused; then all is kept and tried again. */
  flush(): boolean
}

export interface ChunkBufferOptions {
  readonly database: Database.Database
  readonly chunks: ChunkTable
  readonly health: Health
  readonly retryMs: number
  readonly onCommit: () => void
}

export function createChunkBuffer(options: ChunkBufferOptions): ChunkBuffer {
  const { database, chunks, health } = options
  const pending = new Map<MessageId, ReplyChunk[]>()
  const insertAll = database.transaction(() => {
    for (const runs of pending.values()) for (const run of runs) chunks.insert(run)
  })
  let timer: NodeJS.Timeout | null = null
  return { append, drop, flush }

  function append(chunk: ReplyChunk): void {
    const runs = pending.get(chunk.messageId)
    const last = runs?.at(-1)
    if (runs === undefined) pending.set(chunk.messageId, [chunk])
    else if (last?.type === chunk.type) runs[runs.length - 1] = { ...chunk, text: last.text + chunk.text }
    else runs.push(chunk)
    schedule(TICK_MS)
  }

  function drop(messageId: MessageId): void {
    pending.delete(messageId)
  }

  function flush(): boolean {
    if (timer !== null) clearTimeout(timer)
    timer = null
    if (pending.size === 0 || !database.open) return true
    try {
      insertAll.immediate()
    } catch (error) {
      schedule(health.failed(error) === 'busy' ? TICK_MS : options.retryMs)
      return false
    }
    pending.clear()
    options.onCommit()
    return true
  }

  function schedule(ms: number): void {
    if (timer !== null || !database.open) return
    timer = setTimeout(flush, ms)
    timer.unref()
  }
}
