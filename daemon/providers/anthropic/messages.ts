// A provider that speaks Anthropic's Messages API.

import { type Dialects, isComplaint, sendAdapting } from '../adapting.ts'
import { runExchange } from '../exchange.ts'
import { fetchJson } from '../fetch-json.ts'
import { toCount, toList, toObject, toText } from '../json.ts'
import type { KeepsakeRoom } from '../keepsakes.ts'
import { post } from '../post.ts'
import type { Endpoint, ListedModel, Provider } from '../provider.ts'
import type { Link } from '../refusal.ts'
import type { HttpResponse, Transport } from '../transport.ts'
import { NO_EMBEDDINGS, NO_IMAGES } from '../unsupported.ts'
import { toAnthropicBody } from './body.ts'
import type { KeptTurn } from './content.ts'
import {
  type AnthropicDialect,
  adaptAnthropicDialect,
  type Concession,
  concede,
  initialDialect,
  without,
} from './dialect.ts'
import { createAnthropicReader } from './reader.ts'
import { STRICT_VERSION } from './sampling.ts'
import { forgetTurns } from './thinking.ts'

/** The version that every server of this format knows; a header of the endpoint names another. */
const DEFAULT_VERSION = '2023-06-01'
const PAGE_SIZE = 1000

export interface AnthropicOptions {
  readonly endpoint: Endpoint
  readonly transport: Transport
  readonly dialects: Dialects<AnthropicDialect>
  readonly keepsakes: KeepsakeRoom<KeptTurn>
}

export function createAnthropicProvider({ endpoint, transport, dialects, keepsakes }: AnthropicOptions): Provider {
  const version = endpoint.headers['anthropic-version'] ?? DEFAULT_VERSION
  const base = endpoint.baseUrl.replace(/\/+$/, '').replace(/\/v1$/, '')
  const headers = { 'anthropic-version': version, ...authorize(endpoint, version), ...endpoint.headers }
  return { stream, embed: NO_EMBEDDINGS, drawImages: NO_IMAGES, listModels }

  function stream(...[request, options]: Parameters<Provider['stream']>): ReturnType<Provider['stream']> {
    const { model } = request
    const kept = keepsakes.of(endpoint, model)
    const reader = createAnthropicReader(kept.keep)
    return runExchange({ endpoint, model, reader, prepare: transport.warm, send }, options)

    async function send(link: Link): Promise<HttpResponse> {
      const conceded = new Set<Concession>()
      for (;;) {
        try {
          return await attempt(link, conceded)
        } catch (error) {
          const concession = isComplaint(error) ? concede(error.body) : null
          if (concession === null || conceded.has(concession)) throw error
          conceded.add(concession)
          if (concession === 'thinking') forgetTurns(request, kept)
        }
      }
    }

    function attempt(link: Link, conceded: ReadonlySet<Concession>): Promise<HttpResponse> {
      return sendAdapting({
        dialects,
        key: `${base} ${model}`,
        initial: initialDialect(version),
        adapt: adaptAnthropicDialect,
        post(dialect) {
          const body = toAnthropicBody(request, without(dialect, conceded), kept)
          return post({ url: `${base}/v1/messages`, headers, body }, endpoint, transport, link)
        },
      })
    }
  }

  async function listModels(signal: AbortSignal): Promise<readonly ListedModel[]> {
    const answer = await fetchJson(
      { url: `${base}/v1/models?limit=${PAGE_SIZE}`, headers },
      endpoint,
      transport,
      signal,
    )
    return toList(answer['data']).flatMap((value) => {
      const model = toObject(value)
      const id = toText(model?.['id'])
      if (model === null || id === null) return []
      const contextTokens = toCount(model['max_input_tokens']) || null
      return [
        { id, name: toText(model['display_name']), contextTokens, outputTokens: toCount(model['max_tokens']) || null },
      ]
    })
  }
}

function authorize({ apiKey }: Endpoint, version: string): { readonly [name: string]: string } {
  if (apiKey === null) return {}
  return version < STRICT_VERSION ? { 'x-api-key': apiKey } : { authorization: `Bearer ${apiKey}` }
}
