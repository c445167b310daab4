// All writes but the chunk ticks: those of one turn of the event loop share one transaction and one sync.

import { setTimeout as delay } from 'node:timers/promises'
import type Database from 'better-sqlite3'
import type { Health } from './health.ts'
import { faultOf, toStorageError } from './storage-errors.ts'
import type { WalSync } from './wal-sync.ts'

/** A group ends when it has taken this long, and the next turn of the loop begins another, so no crowd stalls a stream. */
const SLICE_MS = 5
/** While another program holds the database, writes are tried again this often … */
const BUSY_RETRY_MS = 100
/** … and this many times. */
const BUSY_RETRIES = 50
/** What may follow later is written with the next commit of anything, at most so much later. */
const LATER_MS = 100
/** How long the end waits for another program that holds the database. */
const CLOSE_PATIENCE_MS = 5_000

export interface GroupCommit {
  /** Resolves with what the job returns once it is on the disk; `doing` begins the message of a failure. */
  write<Value>(doing: string, job: () => Value): Promise<Value>
  /** As `write`, for what must not be lost: a job the disk refuses stays in memory and is tried again until it is saved. */
  keep(doing: string, job: () => void): Promise<void>
  /** As `keep`, for what nobody waits for: it is written with other jobs, 100 ms later at the latest, and synced within a second. */
  keepLater(doing: string, job: () => void): void
  /** Tries what waits now. True where nothing waits any more. */
  retry(): boolean
  /**
   * Tries once more, and for some seconds while another program holds the database; what cannot be saved is rejected.
   * Answers why a kept job is lost, or null where none is.
   */
  close(): Promise<unknown>
}

export interface GroupCommitOptions {
  readonly database: Database.Database
  readonly sync: WalSync
  readonly health: Health
  readonly retryMs: number
  readonly closePatienceMs?: number
  /** Called after a round of commits; `waiting` says whether the disk refused something. */
  readonly onCommit: (waiting: boolean) => void
  /** Something of `keepLater` is in the database and not yet on the disk. */
  readonly onLater: () => void
}

interface Job {
  readonly doing: string
  readonly lasting: boolean
  /** Nobody waits for it. */
  readonly later: boolean
  readonly run: () => void
  readonly done: () => void
  readonly failed: (error: unknown) => void
  tries: number
}

export function createGroupCommit(options: GroupCommitOptions): GroupCommit {
  const { database, sync, health } = options
  const together = database.transaction(runAll)
  const syncing = new Set<Promise<void>>()
  let queue: Job[] = []
  let immediate: NodeJS.Immediate | null = null
  let timer: NodeJS.Timeout | null = null
  let laterTimer: NodeJS.Timeout | null = null
  let closed = false
  let giveUpAt = Number.POSITIVE_INFINITY
  let lost: unknown = null
  return {
    write: (doing, job) => submit(doing, job, false),
    keep: (doing, job) => submit(doing, job, true),
    keepLater,
    retry,
    close,
  }

  function submit<Value>(doing: string, work: () => Value, lasting: boolean): Promise<Value> {
    if (closed) return Promise.reject(new TypeError(`${doing}: the store is closed`))
    return new Promise((resolve, reject) => {
      let result: { readonly value: Value } | null = null
      queue.push({
        ...{ doing, lasting, later: false },
        run: () => {
          result = { value: work() }
        },
        done: () => result !== null && resolve(result.value),
        failed: (error) => reject(toStorageError(doing, error)),
        tries: 0,
      })
      immediate ??= setImmediate(flush)
    })
  }

  function keepLater(doing: string, run: () => void): void {
    queue.push({ doing, lasting: true, later: true, run, done: () => {}, failed: () => {}, tries: 0 })
    laterTimer ??= setTimeout(flush, LATER_MS)
    laterTimer.unref()
  }

  function flush(): void {
    if (immediate !== null) clearImmediate(immediate)
    if (timer !== null) clearTimeout(timer)
    if (laterTimer !== null) clearTimeout(laterTimer)
    immediate = null
    timer = null
    laterTimer = null
    const jobs = queue
    queue = []
    const saved = jobs.length === 0 ? [] : commit(jobs)
    if (saved.length === 0) return
    options.onCommit(timer !== null)
    if (saved.every((job) => job.later)) options.onLater()
    else confirm(saved)
  }

  /** Answers the jobs whose work is in the database now. */
  function commit(jobs: readonly Job[]): readonly Job[] {
    try {
      const ran = together.immediate(jobs)
      postpone(jobs.slice(ran))
      return jobs.slice(0, ran)
    } catch (error) {
      // Nothing of any job is there now. One that fails, or is too large for a nearly full disk, must not take the
      // others with it; that is so rare that doing each again by itself costs less than a savepoint for every job.
      if (jobs.length > 1 && faultOf(error) !== 'busy') return jobs.flatMap((job) => commit([job]))
      for (const job of jobs) refuse(job, error)
      return []
    }
  }

  /** Answers how many ran. */
  function runAll(jobs: readonly Job[]): number {
    const deadline = performance.now() + SLICE_MS
    let ran = 0
    for (const job of jobs) {
      if (ran > 0 && performance.now() > deadline && !closed) break
      job.run()
      ran += 1
    }
    return ran
  }

  function postpone(jobs: readonly Job[]): void {
    if (jobs.length === 0) return
    queue = [...jobs, ...queue]
    immediate ??= setImmediate(flush)
  }

  function refuse(job: Job, error: unknown): void {
    const fault = health.failed(error)
    job.tries += 1
    const again = fault === 'busy' ? job.lasting || job.tries <= BUSY_RETRIES : fault !== 'other' && job.lasting
    const inTime = !closed || (fault === 'busy' && performance.now() < giveUpAt)
    if (!again || !inTime) {
      if (job.lasting && fault !== 'other') lost ??= error
      job.failed(error)
      return
    }
    queue.push(job)
    timer ??= setTimeout(flush, fault === 'busy' ? BUSY_RETRY_MS : options.retryMs)
  }

  function confirm(jobs: readonly Job[]): void {
    const confirmed = sync.durable().then(
      () => {
        for (const job of jobs) job.done()
      },
      (error) => {
        // A kept job is in the database as far as anyone can see, and the state says that the disk is suspect.
        for (const job of jobs) job.lasting ? job.done() : job.failed(error)
      },
    )
    syncing.add(confirmed)
    confirmed.finally(() => syncing.delete(confirmed)).catch(() => {})
  }

  function retry(): boolean {
    flush()
    return timer === null
  }

  async function close(): Promise<unknown> {
    closed = true
    giveUpAt = performance.now() + (options.closePatienceMs ?? CLOSE_PATIENCE_MS)
    flush()
    while (queue.length > 0) {
      await delay(BUSY_RETRY_MS)
      flush()
    }
    await Promise.all(syncing)
    return lost
  }
}
