// An answer's body step by step: what comes within a frame becomes one batch, and every way to end one last step.

import type { StreamPart } from '../../src/protocol/stream.ts'
import { readText } from './byte-source.ts'
import { type Failures, GarbageFailure, isReported } from './failures.ts'
import { createFrameClock } from './frame-clock.ts'
import { isObject, parseJson, toList } from './json.ts'
import { type StreamReader, throwReportedError } from './reader.ts'
import { createTranslation } from './translation.ts'
import type { HttpResponse } from './transport.ts'
import type { Watchdog } from './watchdog.ts'

export interface Step {
  readonly parts: readonly StreamPart[]
  readonly done: boolean
  /** What to throw after the parts were taken. */
  readonly failure: unknown
}

/** Never rejects: a failure is a step too, because text may have come with it. */
export interface Steps {
  next(): Promise<Step>
  /** Leaves no call behind, whatever was read so far. */
  destroy(): void
}

export interface StepContext {
  readonly response: HttpResponse
  readonly reader: StreamReader
  readonly watchdog: Watchdog
  readonly failures: Failures
}

/**
 * What screens redraw text at, in milliseconds. Vendors send a token a packet, and each step through us, to the
 * store and to every reader costs more than the text in it, so what comes within a frame is taken together.
 */
const FRAMES = createFrameClock(33)
/** How long we listen for usage after the finish reason, and for the end after the end mark, in milliseconds. */
const GRACE_MS = 2000
/** How much of a whole answer in one JSON body is read, in bytes. */
const WHOLE_MAX = 64 * 1024 * 1024
const SAMPLE_MAX = 200

export function createSteps(context: StepContext): Steps {
  const type = context.response.headers['content-type'] ?? ''
  if (type.includes('json')) return createWholeSteps(context)
  if (type.startsWith('text/html')) return createPageSteps(context)
  return createStreamSteps(context)
}

function createStreamSteps({ response, reader, watchdog, failures }: StepContext): Steps {
  const source = response.body
  const translation = createTranslation(reader)
  let first = true
  let left = false
  let grace: NodeJS.Timeout | undefined
  return { next, destroy }

  async function next(): Promise<Step> {
    const parts: StreamPart[] = []
    try {
      const chunk = await source.next()
      const done = chunk === null ? finish(parts) : take(chunk, parts)
      if (done) reader.close(parts, true)
      return { parts, done, failure: null }
    } catch (error) {
      const complete = reader.phase !== 'open' && isHarmless(error)
      reader.close(parts, complete)
      if (complete) return { parts, done: true, failure: null }
      return { parts, done: true, failure: isReported(error) ? error : failures.truncated(error) }
    }
  }

  /** After the finish reason nothing is missing: neither a broken connection nor a timer makes the answer a failure. */
  function isHarmless(error: unknown): boolean {
    return !watchdog.cancelled() && (watchdog.signal.aborted || !isReported(error))
  }

  function take(chunk: Buffer, parts: StreamPart[]): boolean {
    if (first) watchdog.started()
    first = false
    if (translation.take(chunk, parts)) watchdog.progressed()
    if (reader.phase === 'ended') return leave()
    // The first words, or the first of a call, are never held back: a frame begins with them.
    if (reader.phase === 'open' && parts.some(isOutput)) source.rest(FRAMES)
    if (reader.phase === 'finishing') grace ??= setTimeout(source.destroy, GRACE_MS)
    return false
  }

  /** The bytes are over: true, or a failure. */
  function finish(parts: StreamPart[]): true {
    translation.end(parts)
    if (reader.phase === 'open') throw failures.truncated(null)
    return true
  }

  /** The end mark is here: the caller need not wait for the end of the body. */
  function leave(): true {
    left = true
    source.drain(GRACE_MS)
    return true
  }

  function destroy(): void {
    clearTimeout(grace)
    if (!left) source.destroy()
  }
}

function isOutput(part: StreamPart): boolean {
  return part.type === 'text-delta' || part.type === 'reasoning-delta' || part.type === 'tool-call-delta'
}

/** Some servers answer a request for a stream with one JSON body: an error, or the whole completion. */
function createWholeSteps({ response, reader, watchdog, failures }: StepContext): Steps {
  return { next, destroy: () => response.body.destroy() }

  async function next(): Promise<Step> {
    const parts: StreamPart[] = []
    try {
      read(await load(), parts)
      reader.close(parts, true)
      return { parts, done: true, failure: null }
    } catch (error) {
      return { parts, done: true, failure: error }
    }
  }

  async function load(): Promise<string> {
    try {
      let first = true
      return await readText(response.body, WHOLE_MAX, () => {
        if (first) watchdog.started()
        first = false
        watchdog.progressed()
      })
    } catch (error) {
      throw failures.truncated(error)
    }
  }

  function read(text: string, parts: StreamPart[]): void {
    const value = parseJson(text)
    // Gemini without alt=sse answers with a list of what would have been the messages.
    const bodies = Array.isArray(value) ? toList(value) : [value]
    for (const body of bodies) {
      if (!isObject(body)) throw new GarbageFailure(text.slice(0, SAMPLE_MAX))
      throwReportedError(body)
      reader.readWhole(body, parts)
    }
    if (reader.phase === 'open') throw new GarbageFailure(text.slice(0, SAMPLE_MAX))
  }
}

/** A web page where an answer should be: a wrong address, or a network that asks to log in first. */
function createPageSteps({ response }: StepContext): Steps {
  return {
    async next() {
      const sample = await readText(response.body, SAMPLE_MAX).catch(() => '')
      return { parts: [], done: true, failure: new GarbageFailure(sample) }
    },
    destroy: () => response.body.destroy(),
  }
}
