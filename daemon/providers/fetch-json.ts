// One small question with a JSON answer: lists of models, and whether a server is there at all.

import { readText } from './byte-source.ts'
import { toStatusFailure } from './exchange.ts'
import { createFailures, GarbageFailure } from './failures.ts'
import { isObject, type JsonObject, parseJson } from './json.ts'
import type { Endpoint } from './provider.ts'
import type { Transport } from './transport.ts'
import { createWatchdog } from './watchdog.ts'

export interface Question {
  readonly url: string
  readonly headers: { readonly [name: string]: string }
}

/** Lists of models are long at some gateways (OpenRouter: about 1 MB). */
const ANSWER_MAX = 32 * 1024 * 1024
const SAMPLE_MAX = 200

export async function fetchJson(
  question: Question,
  endpoint: Endpoint,
  transport: Transport,
  signal: AbortSignal,
): Promise<JsonObject> {
  const failures = createFailures(endpoint, '')
  // The timers measure the server, not how long this machine takes to load code.
  await transport.warm()
  using watchdog = createWatchdog(endpoint.provider, endpoint.timers, signal)
  try {
    const response = await transport.send(
      { method: 'GET', body: null, ...question },
      {
        proxy: endpoint.proxy,
        connectMs: endpoint.timers.connect,
        onConnect: watchdog.connected,
        signal: watchdog.signal,
      },
    )
    if (response.status !== 200) throw await toStatusFailure(response)
    const text = await readText(response.body, ANSWER_MAX, watchdog.started)
    const value = parseJson(text)
    if (!isObject(value)) throw new GarbageFailure(text.slice(0, SAMPLE_MAX))
    return value
  } catch (error) {
    if (watchdog.signal.aborted) throw watchdog.signal.reason
    throw failures.translate(error)
  }
}
