// One streamed call from the request to its last byte; the formats only send and translate.

import type { StreamPart } from '../../src/protocol/stream.ts'
import { createFailures, StatusFailure } from './failures.ts'
import { reportHead } from './head.ts'
import type { Endpoint, StreamOptions } from './provider.ts'
import type { StreamReader } from './reader.ts'
import type { Link } from './refusal.ts'
import { createSteps, type Steps } from './steps.ts'
import type { HttpResponse } from './transport.ts'
import { createWatchdog } from './watchdog.ts'

export interface Exchange {
  readonly endpoint: Endpoint
  readonly model: string
  readonly reader: StreamReader
  /** Loads code, so that the timers of the call measure the server and not this machine's disk. */
  prepare(): Promise<unknown>
  /** Throws a StatusFailure for every answer that is no success. */
  send(link: Link): Promise<HttpResponse>
}

/** Follows the contract of `Provider.stream`. */
export async function* runExchange(
  exchange: Exchange,
  options: StreamOptions,
): AsyncGenerator<readonly StreamPart[], void> {
  const { endpoint, reader } = exchange
  const failures = createFailures(endpoint, exchange.model)
  options.signal.throwIfAborted()
  await exchange.prepare().catch((error: unknown) => {
    throw failures.translate(error)
  })
  using watchdog = createWatchdog(endpoint, options.signal)
  let steps: Steps | null = null
  try {
    const response = await exchange.send({ onConnect: watchdog.connected, signal: watchdog.signal })
    reportHead(response, options)
    steps = createSteps({ response, reader, watchdog, failures })
    for (;;) {
      const step = await steps.next()
      if (step.parts.length > 0) {
        watchdog.hold()
        yield step.parts
        watchdog.release()
      }
      if (step.failure !== null) throw step.failure
      if (step.done) return
    }
  } catch (error) {
    if (error instanceof StatusFailure) reportHead(error, options)
    // A timer that cut the body of a refusal short is no news beside its status.
    const { signal } = error instanceof StatusFailure ? options : watchdog
    signal.throwIfAborted()
    throw failures.translate(error)
  } finally {
    steps?.destroy()
  }
}
