// Pictures that OpenAI and its imitators draw: POST {base}/images/generations.

import type { Usage } from '../../../src/protocol/stream.ts'
import { type Dialects, sendAdapting } from '../adapting.ts'
import { GarbageFailure } from '../failures.ts'
import { type JsonObject, toCount, toList, toObject, toText } from '../json.ts'
import { PICTURES_MAX, patient, toPicture } from '../pictures.ts'
import type { ImageAnswer, ImageRequest, Provider } from '../provider.ts'
import { fetchWhole } from '../whole-answer.ts'
import type { WholeOptions } from './embeddings.ts'

/** Whether to ask for the picture itself: some send an address otherwise, and others refuse the question. */
export interface ImageDialect {
  readonly responseFormat: boolean
}

export interface ImageOptions extends WholeOptions {
  readonly imageDialects: Dialects<ImageDialect>
}

export function createOpenAIDraw({ endpoint, client, imageDialects }: ImageOptions): Provider['drawImages'] {
  return (request, options) =>
    fetchWhole(
      {
        endpoint: patient(endpoint),
        model: request.model,
        max: PICTURES_MAX,
        prepare: client,
        async send(link) {
          const { post } = await client()
          return sendAdapting({
            dialects: imageDialects,
            key: `${endpoint.baseUrl} ${request.model}`,
            // OpenAI's own models send nothing else and refuse the field.
            initial: { responseFormat: !/gpt-image/.test(request.model) },
            adapt: ({ responseFormat }, complaint) =>
              responseFormat && /response_format/.test(complaint) ? { responseFormat: false } : null,
            post: (dialect) => post('images', toImageBody(request, dialect), link),
          })
        },
        read: (answer) => readImages(answer, request),
      },
      options,
    )
}

function toImageBody(request: ImageRequest, dialect: ImageDialect): JsonObject {
  const { model, prompt, count, size, quality, background, format } = request
  return {
    model,
    prompt,
    n: count,
    ...(size === null ? {} : { size }),
    ...(quality === null ? {} : { quality }),
    ...(background === null ? {} : { background }),
    ...(format === null ? {} : { output_format: format }),
    ...(dialect.responseFormat ? { response_format: 'b64_json' } : {}),
  }
}

function readImages(answer: JsonObject, { format }: ImageRequest): ImageAnswer {
  const stated = toText(answer['output_format']) ?? format
  const images = toList(answer['data']).flatMap((value) => {
    const base64 = toText(toObject(value)?.['b64_json'])
    return base64 === null || base64 === '' ? [] : [toPicture(base64, stated === null ? null : `image/${stated}`)]
  })
  // An address is no picture, and natter opens none that a server names.
  if (images.length === 0) throw new GarbageFailure('no picture, or only the address of one')
  return { images, usage: usageOf(answer) }
}

function usageOf(answer: JsonObject): Usage | null {
  const usage = toObject(answer['usage'])
  if (usage === null) return null
  return {
    inputTokens: toCount(usage['input_tokens']),
    outputTokens: toCount(usage['output_tokens']),
    cachedInputTokens: toCount(toObject(usage['input_tokens_details'])?.['cached_tokens']),
    cacheWriteTokens: 0,
    reasoningTokens: 0,
    estimated: false,
  }
}
