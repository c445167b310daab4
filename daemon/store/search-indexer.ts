// Brings turns into the search index a moment after they are saved, many in one transaction: FTS5 writes its pages
// anew for each commit, which cost a short turn more than its own rows. After a kill, recovery adds what is missing.

import type Database from 'better-sqlite3'
import type { TurnId } from '../../src/protocol/ids.ts'
import type { Health } from './health.ts'
import type { Tables } from './tables.ts'

const DELAY_MS = 1_000
/** So many do not wait for others. */
const CROWD = 64
/** A transaction ends when it has taken this long, and the next turn of the loop begins another. */
const SLICE_MS = 5
const BUSY_RETRY_MS = 100
/** A start after a kill looks at about this many turns more than it must. */
const SETTLE_EVERY = 256

export interface SearchIndexer {
  /** Called within the transaction that starts or ends the turn. */
  add(turnId: TurnId): void
  /** Indexes all that wait, now. False where the disk refused; then all is kept and tried again. */
  flush(): boolean
  /** While the work runs, the index holds every ended turn of every commit, if the disk takes it. */
  complete<Value>(work: (isComplete: boolean) => Promise<Value>): Promise<Value>
  /** What an earlier daemon left was added: from here on it need not be looked for again. */
  recovered(): void
  close(): void
}

export interface SearchIndexerOptions {
  readonly database: Database.Database
  readonly tables: Pick<Tables, 'search' | 'turns'>
  readonly health: Health
  readonly retryMs: number
  readonly onCommit: () => void
}

export function createSearchIndexer(options: SearchIndexerOptions): SearchIndexer {
  const { database, tables, health } = options
  const pending = new Set<TurnId>()
  const indexSlice = database.transaction(index)
  let timer: NodeJS.Timeout | null = null
  let isRecovered = false
  let unsettled = 0
  let completers = 0
  return { add, flush, complete, recovered, close }

  function add(turnId: TurnId): void {
    if (completers > 0) {
      tables.search.addTurn(turnId)
      return
    }
    pending.add(turnId)
    if (timer === null || pending.size === CROWD) schedule(pending.size < CROWD ? DELAY_MS : 0)
  }

  function flush(): boolean {
    while (pending.size > 0) if (!flushSlice()) return false
    return true
  }

  async function complete<Value>(work: (isComplete: boolean) => Promise<Value>): Promise<Value> {
    const isComplete = flush()
    completers += 1
    try {
      return await work(isComplete)
    } finally {
      completers -= 1
    }
  }

  function flushSlice(): boolean {
    if (timer !== null) clearTimeout(timer)
    timer = null
    if (!database.open) return false
    try {
      const done = indexSlice.immediate()
      for (const turnId of done) pending.delete(turnId)
      unsettled += done.length
      options.onCommit()
      if (pending.size > 0) schedule(0)
      else if (unsettled >= SETTLE_EVERY) settle()
      return true
    } catch (error) {
      schedule(health.failed(error) === 'busy' ? BUSY_RETRY_MS : options.retryMs)
      return false
    }
  }

  /** Sorted, because FTS5 writes a segment of its own wherever a key is smaller than the one before. */
  function index(): readonly TurnId[] {
    const deadline = performance.now() + SLICE_MS
    const done: TurnId[] = []
    for (const turnId of [...pending].toSorted()) {
      if (done.length > 0 && performance.now() > deadline) break
      tables.search.addTurn(turnId)
      done.push(turnId)
    }
    return done
  }

  function recovered(): void {
    isRecovered = true
  }

  function settle(): void {
    if (!isRecovered) return
    tables.turns.settle()
    unsettled = 0
  }

  function schedule(ms: number): void {
    if (timer !== null) clearTimeout(timer)
    timer = setTimeout(flushSlice, ms)
    timer.unref()
  }

  function close(): void {
    const isComplete = flush()
    if (timer !== null) clearTimeout(timer)
    if (!isComplete || unsettled === 0) return
    try {
      settle()
    } catch {
      // The next start looks at more turns than it must.
    }
  }
}
