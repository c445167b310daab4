// One streamed call from the request to its last byte; the formats only send and translate.

import type { StreamPart } from '../../src/protocol/stream.ts'
import type { StreamOptions } from './provider.ts'
import type { StreamReader } from './reader.ts'
import { createSteps, type Steps } from './steps.ts'
import { type Question, watchCall } from './watched-call.ts'

export interface Exchange extends Question {
  readonly reader: StreamReader
}

/** Follows the contract of `Provider.stream`. */
export async function* runExchange(
  exchange: Exchange,
  options: StreamOptions,
): AsyncGenerator<readonly StreamPart[], void> {
  using call = await watchCall(exchange, options)
  const { watchdog, failures } = call
  let steps: Steps | null = null
  try {
    steps = createSteps({ response: await call.send(), reader: exchange.reader, watchdog, failures })
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
    throw call.explain(error)
  } finally {
    steps?.destroy()
  }
}
