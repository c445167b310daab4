// Counts tokens: on a worker thread where the model's tokenizer is known, else by an estimate that learns.

import { Worker } from 'node:worker_threads'
import type { TokenCount, TokenCounter } from './models.ts'
import { estimateTokens } from './token-estimate.ts'
import { type Encoding, tokenizerOf } from './token-families.ts'
import type { CountAnswer, CountRequest } from './token-worker.ts'

export interface TokenCounterOptions {
  readonly workerFile?: URL
  /** How long an idle worker keeps its memory. */
  readonly idleMs?: number
}

interface Job {
  readonly encoding: Encoding
  readonly text: string
  /** Null: it could not be counted. */
  readonly done: (tokens: number | null) => void
  readonly attempts: number
}

/** In the bundle the worker lies beside this code as JavaScript. */
const WORKER_FILE = new URL(
  import.meta.url.endsWith('.ts') ? './token-worker.ts' : './token-worker.js',
  import.meta.url,
)
const ATTEMPTS_MAX = 2
/** After so many workers in a row that died without one answer, no more are started. */
const DEATHS_MAX = 3
const LEARNING_RATE = 0.2
const LEARNED_MODELS_MAX = 200
/** Below this, the fixed overhead of a request says more than the text. */
const CALIBRATION_MIN = 50

export function createTokenCounter(options: TokenCounterOptions = {}): TokenCounter {
  const pool = createWorkerPool(options.workerFile ?? WORKER_FILE, options.idleMs ?? 60_000)
  const learned = new Map<string, number>()

  return {
    async count(model, text): Promise<TokenCount> {
      const { encoding, exact } = tokenizerOf(model)
      const tokens = encoding === null || text === '' ? null : await pool.count(encoding, text)
      return tokens === null ? { tokens: estimate(model, text), estimated: text !== '' } : { tokens, estimated: !exact }
    },
    estimate,
    calibrate(model, estimated, actual) {
      if (!(estimated >= CALIBRATION_MIN && actual > 0)) return
      const before = learned.get(model) ?? 1
      const ratio = clamp(actual / estimated)
      const after = clamp(before * (1 + LEARNING_RATE * (ratio - 1)))
      // The model used last stays longest.
      learned.delete(model)
      learned.set(model, after)
      const [oldest] = learned.keys()
      if (learned.size > LEARNED_MODELS_MAX && oldest !== undefined) learned.delete(oldest)
    },
    [Symbol.dispose]: () => pool[Symbol.dispose](),
  }

  function estimate(model: string, text: string): number {
    const { factor } = tokenizerOf(model)
    return Math.ceil(estimateTokens(text) * factor * (learned.get(model) ?? 1))
  }
}

/** One wrong report must not spoil every estimate after it. */
function clamp(ratio: number): number {
  return Math.min(3, Math.max(1 / 3, ratio))
}

interface WorkerPool extends Disposable {
  /** Null where it could not be counted. */
  count(encoding: Encoding, text: string): Promise<number | null>
}

/** One worker, started when there is something to count, ended when there was nothing for a while, replaced when it dies. */
function createWorkerPool(file: URL, idleMs: number): WorkerPool {
  const jobs = new Map<number, Job>()
  let worker: Worker | null = null
  let idle: NodeJS.Timeout | null = null
  let lastId = 0
  let deaths = 0
  let disposed = false

  return {
    count: (encoding, text) =>
      new Promise((resolve) => {
        submit({ encoding, text, done: resolve, attempts: 0 })
      }),
    [Symbol.dispose]() {
      disposed = true
      end()
      for (const job of jobs.values()) job.done(null)
      jobs.clear()
    },
  }

  function submit(job: Job): void {
    if (disposed || deaths >= DEATHS_MAX || job.attempts >= ATTEMPTS_MAX) {
      job.done(null)
      return
    }
    if (idle !== null) clearTimeout(idle)
    lastId += 1
    jobs.set(lastId, { ...job, attempts: job.attempts + 1 })
    worker ??= start()
    // While somebody waits for an answer the process must not end for want of anything else to do.
    worker.ref()
    worker.postMessage({ countId: lastId, encoding: job.encoding, text: job.text } satisfies CountRequest)
  }

  function start(): Worker {
    const started = new Worker(file, { name: 'natter tokens', env: {}, execArgv: [], stdin: false })
    started.on('message', ({ countId, tokens }: CountAnswer) => {
      deaths = 0
      const job = jobs.get(countId)
      jobs.delete(countId)
      if (jobs.size === 0) rest(started)
      job?.done(tokens)
    })
    started.on('error', () => {
      // What broke ends the thread, and its end is handled below.
    })
    started.on('exit', () => {
      if (worker !== started) return
      worker = null
      deaths += 1
      retryAll()
    })
    return started
  }

  function retryAll(): void {
    const unanswered = [...jobs.values()]
    jobs.clear()
    for (const job of unanswered) submit(job)
  }

  function rest(started: Worker): void {
    started.unref()
    idle = setTimeout(end, idleMs)
    idle.unref()
  }

  function end(): void {
    if (idle !== null) clearTimeout(idle)
    const ending = worker
    worker = null
    // Nobody waits for it; a thread that is ended cannot fail in a way that matters.
    void ending?.terminate()
  }
}
