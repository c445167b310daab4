// One streamed call from the request to its last byte; the formats only send and translate.

import type { StreamPart } from '../../src/protocol/stream.ts'
import { readText } from './byte-source.ts'
import { createFailures, StatusFailure } from './failures.ts'
import type { Endpoint, StreamOptions } from './provider.ts'
import type { StreamReader } from './reader.ts'
import { createSteps, type Steps } from './steps.ts'
import type { HttpResponse } from './transport.ts'
import { createWatchdog } from './watchdog.ts'

/** What a format needs to send its request. */
export interface Link {
  readonly onConnect: () => void
  readonly signal: AbortSignal
}

export interface Exchange {
  readonly endpoint: Endpoint
  readonly model: string
  readonly reader: StreamReader
  /** Loads code, so that the timers of the call measure the server and not this machine's disk. */
  prepare(): Promise<unknown>
  /** Throws a StatusFailure for every answer that is no success. */
  send(link: Link): Promise<HttpResponse>
}

/** How much of a failure's body is read, in bytes. */
const FAILURE_MAX = 64 * 1024

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
  using watchdog = createWatchdog(endpoint.provider, endpoint.timers, options.signal)
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
    if (watchdog.signal.aborted) throw watchdog.signal.reason
    throw failures.translate(error)
  } finally {
    steps?.destroy()
  }
}

/** The failure that an answer of another status than 2xx stands for. */
export async function toStatusFailure(response: HttpResponse): Promise<StatusFailure> {
  return new StatusFailure(response.status, response.headers, await readText(response.body, FAILURE_MAX))
}

function reportHead({ status, headers }: Pick<HttpResponse, 'status' | 'headers'>, options: StreamOptions): void {
  options.onHead?.({ status, requestId: headers['x-request-id'] ?? headers['request-id'] ?? null, headers })
}
