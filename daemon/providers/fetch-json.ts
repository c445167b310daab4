// One small question with a JSON answer: lists of models, and whether a server is there at all.

import type { JsonObject } from './json.ts'
import type { Endpoint } from './provider.ts'
import { sendForSuccess } from './refusal.ts'
import type { Transport } from './transport.ts'
import { fetchWhole } from './whole-answer.ts'

export interface Question {
  readonly url: string
  readonly headers: { readonly [name: string]: string }
}

/** Lists of models are long at some gateways (OpenRouter: about 1 MB). */
const ANSWER_MAX = 32 * 1024 * 1024

export function fetchJson(
  question: Question,
  endpoint: Endpoint,
  transport: Transport,
  signal: AbortSignal,
): Promise<JsonObject> {
  return fetchWhole(
    {
      endpoint,
      model: '',
      max: ANSWER_MAX,
      prepare: transport.warm,
      send: (link) => sendForSuccess({ method: 'GET', body: null, ...question }, endpoint, transport, link),
      read: (body) => body,
    },
    { signal },
  )
}
