// The text of running replies between two ticks: everything of all streams goes into one transaction.

import type Database from 'better-sqlite3'
import type { MessageId } from '../../src/protocol/ids.ts'
import type { ChunkTable } from './chunk-table.ts'
import type { Health } from './health.ts'
import type { ReplyChunk } from './store.ts'

const TICK_MS = 100

export interface ChunkBuffer {
  append(chunk: ReplyChunk): void
  /** Forgets what is not written yet; the finished message has brought it all. */
  drop(messageId: MessageId): void
  /** Writes now. False where the disk refused; then all is kept and tried again. */
  flush(): boolean
  /** Writes for the last time. Answers what kept it from that, or null. */
  close(): unknown
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
    for (const pieces of pending.values()) for (const run of joined(pieces)) chunks.insert(run)
  })
  let timer: NodeJS.Timeout | null = null
  let refusal: unknown = null
  return { append, drop, flush, close: () => (flush() ? null : refusal) }

  function append(chunk: ReplyChunk): void {
    const pieces = pending.get(chunk.messageId)
    if (pieces === undefined) pending.set(chunk.messageId, [chunk])
    else pieces.push(chunk)
    if (timer === null) schedule(TICK_MS)
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
      refusal = error
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

/** Neighbours of one type as one, with the number of the last. */
function joined(pieces: readonly ReplyChunk[]): readonly ReplyChunk[] {
  const runs: ReplyChunk[] = []
  for (const piece of pieces) {
    const last = runs.at(-1)
    if (last?.type === piece.type) runs[runs.length - 1] = { ...piece, text: last.text + piece.text }
    else runs.push(piece)
  }
  return runs
}
