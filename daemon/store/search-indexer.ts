// Brings turns into the search index a moment after they are saved, many in one transaction: FTS5 writes its pages
// anew for each commit, which cost a short turn more than its own rows. After a kill, recovery adds what is missing.

import type Database from 'better-sqlite3'
import type { TurnId } from '../../src/protocol/ids.ts'
import type { Health } from './health.ts'
import type { Tables } from './tables.ts'

/** Measured for a turn of 500 letters: 0.29 ms alone, 0.10 ms among ten, 0.04 ms among fifty. */
const DELAY_MS = 2_000
/** So many do not wait for others, nor does a search that comes first wait long for them. */
const CROWD = 64
/** A transaction ends when it has taken this long, and the next turn of the loop begins another. */
const SLICE_MS = 5
const BUSY_RETRY_MS = 100
/** A start after a kill looks at about this many turns more than it must. */
const SETTLE_EVERY = 256

export interface SearchIndexer {
  /** Within the transaction that starts the turn; its title can wait for what the turn becomes. */
  started(turnId: TurnId): void
  /** Within the transaction that ends it. */
  ended(turnId: TurnId): void
  /** Indexes all that wait, now. False where the disk refused; then all is kept and tried again. */
  flush(): boolean
  /** While the work runs, the index holds every ended turn of every commit, if the disk takes it. */
  complete<Value>(work: (isComplete: boolean) => Promise<Value>): Promise<Value>
  /** Adds what a killed daemon left out, after its turns were ended. */
  recover(): void
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
  /** Ends since the last transaction of the index, and since all before them were settled. */
  let waiting = 0
  let unsettled = 0
  let completers = 0
  return { started: add, ended, flush, complete, recover, close }

  function add(turnId: TurnId): void {
    if (completers > 0) {
      tables.search.addTurn(turnId)
      return
    }
    pending.add(turnId)
  }

  function ended(turnId: TurnId): void {
    add(turnId)
    waiting += 1
    if (waiting === CROWD) schedule(0)
    else if (timer === null) schedule(DELAY_MS)
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
      unsettled += waiting
      waiting = 0
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

  function recover(): void {
    for (const turnId of tables.search.missing()) pending.add(turnId)
    isRecovered = true
    if (flush()) settle()
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
