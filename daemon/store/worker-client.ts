// A worker thread with connections of its own: started by the first job, ended when idle, replaced when it dies.

import { Worker } from 'node:worker_threads'
import { fromErrorInfo, NatterError } from '../../src/protocol/errors.ts'
import type { WorkerJob, WorkerJobs, WorkerRequest, WorkerResponse } from './worker-jobs.ts'

export interface StoreWorker {
  run<Type extends keyof WorkerJobs>(
    job: WorkerJobs[Type]['job'] & { readonly type: Type },
  ): Promise<WorkerJobs[Type]['result']>
  /** A job that is under way is waited for: a running query cannot be cancelled. */
  close(): Promise<void>
}

export interface StoreWorkerOptions {
  /** Of the database. */
  readonly file: string
  readonly workerFile: URL
  readonly idleMs: number
}

interface Waiting {
  readonly resolve: (result: never) => void
  readonly reject: (error: unknown) => void
}

interface Thread {
  readonly worker: Worker
  readonly waiting: Map<number, Waiting>
  readonly ended: Promise<void>
}

export function createStoreWorker(options: StoreWorkerOptions): StoreWorker {
  let thread: Thread | null = null
  let number = 0
  let idle: NodeJS.Timeout | null = null
  let closed = false
  return { run, close }

  function run(job: WorkerJob): Promise<never> {
    if (closed) return Promise.reject(new TypeError('The store is closed'))
    if (idle !== null) clearTimeout(idle)
    thread ??= start()
    const { worker, waiting } = thread
    number += 1
    const request: WorkerRequest = { number, job }
    return new Promise((resolve, reject) => {
      waiting.set(request.number, { resolve, reject })
      worker.ref()
      worker.postMessage(request)
    })
  }

  function start(): Thread {
    const worker = new Worker(options.workerFile, { workerData: options.file, execArgv: [], env: {} })
    const waiting = new Map<number, Waiting>()
    worker.unref()
    worker.on('message', (response: WorkerResponse) => settle(started, response))
    const ended = new Promise<void>((resolve) => {
      let cause: unknown
      // An error is always followed by an exit.
      worker.on('error', (error) => {
        cause = error
      })
      worker.on('exit', () => {
        if (thread === started) thread = null
        fail(waiting, cause)
        resolve()
      })
    })
    const started: Thread = { worker, waiting, ended }
    return started
  }

  function settle(from: Thread, response: WorkerResponse): void {
    const { worker, waiting } = from
    const caller = waiting.get(response.number)
    waiting.delete(response.number)
    if (waiting.size === 0) rest(worker)
    switch (response.type) {
      case 'result':
        // The worker answers a job with the result of its type.
        caller?.resolve(response.result as never)
        break
      case 'error':
        caller?.reject(fromErrorInfo(response.error))
        break
    }
  }

  function rest(worker: Worker): void {
    worker.unref()
    idle = setTimeout(() => {
      thread = null
      worker.postMessage(null)
    }, options.idleMs)
    idle.unref()
  }

  async function close(): Promise<void> {
    closed = true
    if (idle !== null) clearTimeout(idle)
    const last = thread
    if (last === null) return
    last.worker.ref()
    last.worker.postMessage(null)
    await last.ended
  }
}

function fail(waiting: Map<number, Waiting>, cause: unknown): void {
  for (const { reject } of waiting.values()) {
    reject(
      new NatterError('storage-failed', 'Cannot read the database: the thread that reads it ended', {
        hint: 'Try again',
        cause,
      }),
    )
  }
  waiting.clear()
}
