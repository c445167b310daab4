// A provider that speaks Gemini's generateContent.

import { runExchange } from '../exchange.ts'
import { fetchJson } from '../fetch-json.ts'
import { toCount, toList, toObject, toText } from '../json.ts'
import type { KeepsakeRoom } from '../keepsakes.ts'
import { post } from '../post.ts'
import type { Endpoint, ListedModel, Provider } from '../provider.ts'
import type { Link } from '../refusal.ts'
import type { HttpResponse, Transport } from '../transport.ts'
import { NO_EMBEDDINGS, NO_IMAGES } from '../unsupported.ts'
import { toGeminiBody } from './body.ts'
import type { KeptSignature } from './content.ts'
import { createGeminiReader } from './reader.ts'

/** What generateContent is spoken in unless the base URL ends with a version of its own. */
const DEFAULT_VERSION = 'v1beta'
const PAGE_SIZE = 1000

export interface GeminiOptions {
  readonly endpoint: Endpoint
  readonly transport: Transport
  readonly keepsakes: KeepsakeRoom<KeptSignature>
}

export function createGeminiProvider({ endpoint, transport, keepsakes }: GeminiOptions): Provider {
  const base = versioned(endpoint.baseUrl)
  // As a header, because a key in the address lands in the logs of whoever carries it.
  const headers = { ...(endpoint.apiKey === null ? {} : { 'x-goog-api-key': endpoint.apiKey }), ...endpoint.headers }
  return { stream, embed: NO_EMBEDDINGS, drawImages: NO_IMAGES, listModels }

  function stream(...[request, options]: Parameters<Provider['stream']>): ReturnType<Provider['stream']> {
    const { model } = request
    const kept = keepsakes.of(endpoint, model)
    const reader = createGeminiReader(kept.keep)
    return runExchange({ endpoint, model, reader, prepare: transport.warm, send }, options)

    function send(link: Link): Promise<HttpResponse> {
      const url = `${base}/${resourceOf(model)}:streamGenerateContent?alt=sse`
      return post({ url, headers, body: toGeminiBody(request, kept) }, endpoint, transport, link)
    }
  }

  async function listModels(signal: AbortSignal): Promise<readonly ListedModel[]> {
    const answer = await fetchJson(
      { url: `${base}/models?pageSize=${PAGE_SIZE}`, headers },
      endpoint,
      transport,
      signal,
    )
    return toList(answer['models']).flatMap((value) => {
      const model = toObject(value)
      const name = toText(model?.['name'])
      if (model === null || name === null) return []
      const contextTokens = toCount(model['inputTokenLimit']) || null
      const outputTokens = toCount(model['outputTokenLimit']) || null
      return [{ id: name.replace(/^models\//, ''), name: toText(model['displayName']), contextTokens, outputTokens }]
    })
  }
}

function versioned(baseUrl: string): string {
  const base = baseUrl.replace(/\/+$/, '')
  return /\/v\d+(?:alpha|beta)?\d*$/.test(base) ? base : `${base}/${DEFAULT_VERSION}`
}

/** Tuned models are named with their collection, all others without. */
function resourceOf(model: string): string {
  const path = model.includes('/') ? model : `models/${model}`
  return path.split('/').map(encodeURIComponent).join('/')
}
