// One small question with a JSON answer: lists of models, and whether a server is there at all.

import { readText } from './byte-source.ts'
import { createFailures, GarbageFailure, StatusFailure } from './failures.ts'
import { isObject, type JsonObject, parseJson } from './json.ts'
import type { Endpoint } from './provider.ts'
import { sendForSuccess } from './refusal.ts'
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
  using watchdog = createWatchdog(endpoint, signal)
  try {
    const link = { onConnect: watchdog.connected, signal: watchdog.signal }
    const response = await sendForSuccess({ method: 'GET', body: null, ...question }, endpoint, transport, link)
    const text = await readText(response.body, ANSWER_MAX, watchdog.started)
    const value = parseJson(text)
    if (!isObject(value)) throw new GarbageFailure(text.slice(0, SAMPLE_MAX))
    return value
  } catch (error) {
    const ended = error instanceof StatusFailure ? signal : watchdog.signal
    ended.throwIfAborted()
    throw failures.translate(error)
  }
}
