// A provider that speaks Anthropic's Messages API.

import { type Dialects, sendAdapting } from '../adapting.ts'
import { runExchange } from '../exchange.ts'
import { fetchJson } from '../fetch-json.ts'
import { toCount, toList, toObject, toText } from '../json.ts'
import { post } from '../post.ts'
import type { Endpoint, ListedModel, Provider } from '../provider.ts'
import type { Link } from '../refusal.ts'
import type { HttpResponse, Transport } from '../transport.ts'
import { NO_EMBEDDINGS, NO_IMAGES } from '../unsupported.ts'
import { type AnthropicDialect, adaptAnthropicDialect, STRICT_VERSION, toAnthropicBody } from './body.ts'
import { createAnthropicReader } from './reader.ts'

/** The version that every server of this format knows; a header of the endpoint names another. */
const DEFAULT_VERSION = '2023-06-01'
const PAGE_SIZE = 1000

export interface AnthropicOptions {
  readonly endpoint: Endpoint
  readonly transport: Transport
  readonly dialects: Dialects<AnthropicDialect>
}

export function createAnthropicProvider({ endpoint, transport, dialects }: AnthropicOptions): Provider {
  const version = endpoint.headers['anthropic-version'] ?? DEFAULT_VERSION
  const base = endpoint.baseUrl.replace(/\/+$/, '').replace(/\/v1$/, '')
  const headers = { 'anthropic-version': version, ...authorize(endpoint, version), ...endpoint.headers }
  return { stream, embed: NO_EMBEDDINGS, drawImages: NO_IMAGES, listModels }

  function stream(...[request, options]: Parameters<Provider['stream']>): ReturnType<Provider['stream']> {
    const { model } = request
    return runExchange({ endpoint, model, reader: createAnthropicReader(), prepare: transport.warm, send }, options)

    function send(link: Link): Promise<HttpResponse> {
      return sendAdapting({
        dialects,
        key: `${base} ${model}`,
        initial: { version, thinking: true },
        adapt: adaptAnthropicDialect,
        post: (dialect) =>
          post(
            { url: `${base}/v1/messages`, headers, body: toAnthropicBody(request, dialect) },
            endpoint,
            transport,
            link,
          ),
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
