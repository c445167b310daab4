// What the store's worker threads do, as it crosses to them and back.

import type { ErrorInfo } from '../../src/protocol/errors.ts'
import type { SearchResult } from './store.ts'
import type { UsageQuery, UsageRow } from './usage-store.ts'

export interface Checked {
  /** Empty where all is well. */
  readonly problems: readonly string[]
  readonly messages: number
}

/** Each job with its result. */
export interface WorkerJobs {
  readonly search: {
    readonly job: { readonly type: 'search'; readonly query: string; readonly limit: number }
    readonly result: SearchResult
  }
  readonly check: {
    /** Whether the search index should hold every ended turn. */
    readonly job: { readonly type: 'check'; readonly isComplete: boolean }
    readonly result: Checked
  }
  readonly usage: {
    readonly job: { readonly type: 'usage'; readonly query: UsageQuery }
    readonly result: readonly UsageRow[]
  }
  /** Answers the size of the new file in bytes. */
  readonly backup: { readonly job: { readonly type: 'backup'; readonly file: string }; readonly result: number }
  /** Copies what it can from the WAL into the database; `truncate` also empties the WAL file where nobody reads. */
  readonly checkpoint: {
    readonly job: { readonly type: 'checkpoint'; readonly truncate: boolean }
    readonly result: null
  }
}

export type WorkerJob = WorkerJobs[keyof WorkerJobs]['job']

export interface WorkerRequest {
  readonly number: number
  readonly job: WorkerJob
}

export type WorkerResponse =
  | { readonly number: number; readonly type: 'result'; readonly result: WorkerJobs[keyof WorkerJobs]['result'] }
  | { readonly number: number; readonly type: 'error'; readonly error: ErrorInfo }
