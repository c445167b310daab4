// A provider that speaks Gemini's generateContent.

import { runExchange } from '../exchange.ts'
import { fetchJson } from '../fetch-json.ts'
import { toCount, toList, toObject, toText } from '../json.ts'
import type { KeepsakeRoom } from '../keepsakes.ts'
import { PICTURES_MAX, patient } from '../pictures.ts'
import { post } from '../post.ts'
import type { Endpoint, ImageAnswer, ListedModel, Provider } from '../provider.ts'
import type { Link } from '../refusal.ts'
import type { HttpResponse, Transport } from '../transport.ts'
import { fetchWhole } from '../whole-answer.ts'
import { toGeminiBody } from './body.ts'
import type { KeptSignature } from './content.ts'
import { EMBEDDINGS_MAX, embedInBatches, readEmbeddings, toEmbeddingCall } from './embeddings.ts'
import { readImages, toImageBody } from './images.ts'
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
  const json = { ...headers, accept: 'application/json' }
  return { stream, embed, drawImages, listModels }

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

  function embed(...[request, options]: Parameters<Provider['embed']>): ReturnType<Provider['embed']> {
    const { model } = request
    const resource = resourceOf(model)
    return embedInBatches(request, (batch) => {
      const { method, body } = toEmbeddingCall(batch, resource)
      const url = `${base}/${resource}:${method}`
      return fetchWhole(
        {
          endpoint,
          model,
          max: EMBEDDINGS_MAX,
          prepare: transport.warm,
          send: (link) => post({ url, headers: json, body }, endpoint, transport, link),
          read: (answer) => readEmbeddings(answer, batch.input.length),
        },
        options,
      )
    })
  }

  /** One picture, however many were asked for: there is no way to ask for more in one call. */
  async function drawImages(...[request, options]: Parameters<Provider['drawImages']>): Promise<ImageAnswer> {
    const { model } = request
    const url = `${base}/${resourceOf(model)}:generateContent`
    const { images, usage } = await fetchWhole(
      {
        endpoint: patient(endpoint),
        model,
        max: PICTURES_MAX,
        prepare: transport.warm,
        send: (link) => post({ url, headers: json, body: toImageBody(request) }, endpoint, transport, link),
        read: (answer) => readImages(answer, model),
      },
      options,
    )
    return { images: images.slice(0, 1), usage }
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
