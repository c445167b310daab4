// Thread entry: the long reads and the checkpoints, beside the daemon's main thread.

import { parentPort, workerData } from 'node:worker_threads'
import Database from 'better-sqlite3'
import { toErrorInfo } from '../../src/protocol/errors.ts'
import { backUp } from './backup.ts'
import { checkDatabase } from './check.ts'
import { createSearch, type Search } from './search.ts'
import { toStorageError } from './storage-errors.ts'
import { reportUsage } from './usage-report.ts'
import type { WorkerJob, WorkerJobs, WorkerRequest, WorkerResponse } from './worker-jobs.ts'

if (parentPort === null || typeof workerData !== 'string')
  throw new TypeError('This file runs as a worker of the store')
const port = parentPort
const file = workerData
let reader: Database.Database | null = null
let search: Search | null = null
let writer: Database.Database | null = null

port.on('message', async (request: WorkerRequest | null) => {
  if (request !== null) return port.postMessage(await answer(request))
  reader?.close()
  writer?.close()
  port.close()
})

async function answer({ number, job }: WorkerRequest): Promise<WorkerResponse> {
  try {
    return { number, type: 'result', result: await work(job) }
  } catch (error) {
    return { number, type: 'error', error: toErrorInfo(toStorageError('Cannot read the database', error)) }
  }
}

async function work(job: WorkerJob): Promise<WorkerJobs[keyof WorkerJobs]['result']> {
  switch (job.type) {
    case 'search':
      search ??= createSearch(openReader())
      return search(job.query, job.limit)
    case 'usage':
      return reportUsage(openReader(), job.query)
    case 'check':
      return checkDatabase(openReader(), job.isComplete)
    case 'backup':
      return backUp(openReader(), job.file)
    case 'checkpoint':
      return checkpoint(job.truncate)
  }
}

function openReader(): Database.Database {
  if (reader !== null) return reader
  reader = new Database(file, { readonly: true, timeout: 1_000 })
  reader.pragma('trusted_schema = OFF')
  reader.pragma('mmap_size = 0')
  reader.pragma('temp_store = MEMORY')
  reader.pragma('cache_size = -4000')
  return reader
}

/** Never waits for a lock: what cannot be copied now can be copied later. */
function checkpoint(truncate: boolean): null {
  writer ??= new Database(file, { timeout: 0 })
  writer.pragma('synchronous = NORMAL')
  writer.pragma('wal_checkpoint(PASSIVE)')
  // After the passive one there is next to nothing left to copy, so this holds the write lock for a moment only.
  if (truncate) writer.pragma('wal_checkpoint(TRUNCATE)')
  return null
}
