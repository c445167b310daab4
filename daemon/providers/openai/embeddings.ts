// Embeddings of OpenAI and its imitators: POST {base}/embeddings.

import type { Usage } from '../../../src/protocol/stream.ts'
import { GarbageFailure } from '../failures.ts'
import { type JsonObject, toCount, toList, toObject } from '../json.ts'
import type { EmbeddingAnswer, EmbeddingRequest, Endpoint, Provider } from '../provider.ts'
import { fetchWhole } from '../whole-answer.ts'
import type { OpenAIClient } from './client.ts'

export interface WholeOptions {
  readonly endpoint: Endpoint
  readonly client: () => Promise<OpenAIClient>
}

/** 2,048 vectors of 3,072 numbers, the most that OpenAI makes at once, are about 80 MB where they come as text. */
const ANSWER_MAX = 128 * 1024 * 1024

export function createOpenAIEmbed({ endpoint, client }: WholeOptions): Provider['embed'] {
  return (request, options) =>
    fetchWhole(
      {
        endpoint,
        model: request.model,
        max: ANSWER_MAX,
        prepare: client,
        send: async (link) => (await client()).post('embeddings', toEmbeddingBody(request), link),
        read: (answer) => readEmbeddings(answer, request.input.length),
      },
      options,
    )
}

/** In base64, as OpenAI's own clients ask for, a vector takes a third of its room; who does not know that sends numbers. */
function toEmbeddingBody({ model, input, dimensions }: EmbeddingRequest): JsonObject {
  return { model, input, encoding_format: 'base64', ...(dimensions === null ? {} : { dimensions }) }
}

/** Throws a GarbageFailure where the answer has not one vector for each input. */
function readEmbeddings(answer: JsonObject, count: number): EmbeddingAnswer {
  const vectors: (readonly number[])[] = []
  for (const [place, value] of toList(answer['data']).entries()) {
    const item = toObject(value)
    const index = typeof item?.['index'] === 'number' ? item['index'] : place
    const vector = toVector(item?.['embedding'])
    if (vector !== null) vectors[index] = vector
  }
  const given = Object.keys(vectors).length
  if (given !== count || vectors.length !== count) throw new GarbageFailure(`${given} vectors for ${count} inputs`)
  return { vectors, usage: usageOf(answer) }
}

/** Numbers, or 32-bit floats in base64, little-endian. */
function toVector(value: unknown): readonly number[] | null {
  if (Array.isArray(value)) return value.every((number) => typeof number === 'number') ? value : null
  if (typeof value !== 'string' || value === '') return null
  const bytes = Buffer.from(value, 'base64')
  return Array.from({ length: Math.floor(bytes.length / 4) }, (_, index) => bytes.readFloatLE(index * 4))
}

function usageOf(answer: JsonObject): Usage | null {
  const usage = toObject(answer['usage'])
  if (usage === null) return null
  return {
    inputTokens: toCount(usage['prompt_tokens']) || toCount(usage['total_tokens']),
    outputTokens: 0,
    cachedInputTokens: 0,
    cacheWriteTokens: 0,
    reasoningTokens: 0,
    estimated: false,
  }
}
