// One question whose answer is a whole JSON body, under the same timers and with the same failures as a stream.

import { readText } from './byte-source.ts'
import { createFailures, GarbageFailure, StatusFailure } from './failures.ts'
import { reportHead } from './head.ts'
import { isObject, type JsonObject, parseJson } from './json.ts'
import type { Endpoint, StreamOptions } from './provider.ts'
import { throwReportedError } from './reader.ts'
import type { Link } from './refusal.ts'
import type { HttpResponse } from './transport.ts'
import { createWatchdog } from './watchdog.ts'

export interface WholeQuestion<Answer> {
  readonly endpoint: Endpoint
  /** As the failure names it. */
  readonly model: string
  /** How much of the answer is read, in bytes. */
  readonly max: number
  /** Loads code, so that the timers of the call measure the server and not this machine's disk. */
  prepare(): Promise<unknown>
  /** Throws a StatusFailure for every answer that is no success. */
  send(link: Link): Promise<HttpResponse>
  /** Throws a GarbageFailure, or what the vendor reports, where the body is no answer. */
  read(body: JsonObject): Answer
}

const SAMPLE_MAX = 200

/** Throws a NatterError for everything that is not an answer, an abort's reason where the caller gave up. */
export async function fetchWhole<Answer>(question: WholeQuestion<Answer>, options: StreamOptions): Promise<Answer> {
  const { endpoint, max } = question
  const failures = createFailures(endpoint, question.model)
  options.signal.throwIfAborted()
  await question.prepare().catch((error: unknown) => {
    throw failures.translate(error)
  })
  using watchdog = createWatchdog(endpoint, options.signal)
  try {
    const response = await question.send({ onConnect: watchdog.connected, signal: watchdog.signal })
    reportHead(response, options)
    const text = await readText(response.body, max, watchdog.started)
    const value = parseJson(text)
    if (!isObject(value)) throw new GarbageFailure(text.slice(0, SAMPLE_MAX))
    throwReportedError(value)
    return question.read(value)
  } catch (error) {
    if (error instanceof StatusFailure) reportHead(error, options)
    // A timer that cut the body of a refusal short is no news beside its status.
    const { signal } = error instanceof StatusFailure ? options : watchdog
    signal.throwIfAborted()
    throw failures.translate(error)
  }
}
