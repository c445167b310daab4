// One call under the timers of its endpoint, up to the head of the answer; whatever goes wrong is said in our words.

import { createFailures, type Failures, StatusFailure } from './failures.ts'
import { reportHead } from './head.ts'
import type { Endpoint, StreamOptions } from './provider.ts'
import type { Link } from './refusal.ts'
import type { HttpResponse } from './transport.ts'
import { createWatchdog, type Watchdog } from './watchdog.ts'

export interface Question {
  readonly endpoint: Endpoint
  /** As the failure names it. */
  readonly model: string
  /** Loads code, so that the timers of the call measure the server and not this machine's disk. */
  prepare(): Promise<unknown>
  /** Throws a StatusFailure for every answer that is no success. */
  send(link: Link): Promise<HttpResponse>
}

export interface WatchedCall extends Disposable {
  readonly failures: Failures
  readonly watchdog: Watchdog
  /** Reports the head to whoever wants it. */
  send(): Promise<HttpResponse>
  /** What is to be thrown for anything that was: a NatterError, or the reason of an abort. */
  explain(error: unknown): unknown
}

/** Prepared; the timers run from now on. */
export async function watchCall(question: Question, options: StreamOptions): Promise<WatchedCall> {
  const { endpoint, model } = question
  const failures = createFailures(endpoint, model)
  options.signal.throwIfAborted()
  await question.prepare().catch((error: unknown) => {
    throw failures.translate(error)
  })
  const watchdog = createWatchdog(endpoint, options.signal)
  return { failures, watchdog, send, explain, [Symbol.dispose]: () => watchdog[Symbol.dispose]() }

  async function send(): Promise<HttpResponse> {
    const response = await question.send({ onConnect: watchdog.connected, signal: watchdog.signal })
    reportHead(response, options)
    return response
  }

  function explain(error: unknown): unknown {
    if (error instanceof StatusFailure) reportHead(error, options)
    // A timer that cut the body of a refusal short is no news beside its status.
    const { signal } = error instanceof StatusFailure ? options : watchdog
    return signal.aborted ? signal.reason : failures.translate(error)
  }
}
