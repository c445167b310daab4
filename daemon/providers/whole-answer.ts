// One question whose answer is a whole JSON body, under the same timers and with the same failures as a stream.

import { readText } from './byte-source.ts'
import { GarbageFailure } from './failures.ts'
import { isObject, type JsonObject, parseJson } from './json.ts'
import type { StreamOptions } from './provider.ts'
import { throwReportedError } from './reader.ts'
import { type Question, watchCall } from './watched-call.ts'

export interface WholeQuestion<Answer> extends Question {
  /** How much of the answer is read, in bytes. */
  readonly max: number
  /** Throws a GarbageFailure, or what the vendor reports, where the body is no answer. */
  read(body: JsonObject): Answer
}

const SAMPLE_MAX = 200

/** Throws a NatterError for everything that is not an answer, an abort's reason where the caller gave up. */
export async function fetchWhole<Answer>(question: WholeQuestion<Answer>, options: StreamOptions): Promise<Answer> {
  using call = await watchCall(question, options)
  try {
    const { body } = await call.send()
    const text = await readText(body, question.max, call.watchdog.started)
    const value = parseJson(text)
    if (!isObject(value)) throw new GarbageFailure(text.slice(0, SAMPLE_MAX))
    throwReportedError(value)
    return question.read(value)
  } catch (error) {
    throw call.explain(error)
  }
}
