// Embeddings of Gemini: one by :embedContent, several by :batchEmbedContents.

import type { Usage } from '../../../src/protocol/stream.ts'
import { addUsage } from '../../../src/protocol/stream.ts'
import { GarbageFailure } from '../failures.ts'
import { type JsonObject, toCount, toList, toObject } from '../json.ts'
import type { EmbeddingAnswer, EmbeddingRequest } from '../provider.ts'

export interface GeminiCall {
  readonly method: string
  readonly body: JsonObject
}

/** "At most 100 requests can be in one batch", the API says. */
const BATCH_MAX = 100
/** 100 vectors of 3,072 numbers, the most at once, are about 4 MB. */
export const EMBEDDINGS_MAX = 64 * 1024 * 1024

/** One call after the other, vectors in the order of the inputs. What it cost is known only where each call says so. */
export async function embedInBatches(
  request: EmbeddingRequest,
  ask: (batch: EmbeddingRequest) => Promise<EmbeddingAnswer>,
): Promise<EmbeddingAnswer> {
  const answers: EmbeddingAnswer[] = []
  for (let from = 0; from < request.input.length; from += BATCH_MAX) {
    answers.push(await ask({ ...request, input: request.input.slice(from, from + BATCH_MAX) }))
  }
  const usages = answers.flatMap(({ usage }) => usage ?? [])
  return {
    vectors: answers.flatMap(({ vectors }) => vectors),
    usage: usages.length < answers.length ? null : usages.reduce(addUsage),
  }
}

/** https://ai.google.dev/api/embeddings; `resource`: the model with its collection. */
export function toEmbeddingCall({ input, dimensions }: EmbeddingRequest, resource: string): GeminiCall {
  const requests = input.map((text) => ({
    model: resource,
    content: { parts: [{ text }] },
    ...(dimensions === null ? {} : { outputDimensionality: dimensions }),
  }))
  const [only] = requests
  if (requests.length === 1 && only !== undefined) return { method: 'embedContent', body: only }
  return { method: 'batchEmbedContents', body: { requests } }
}

/** Throws a GarbageFailure where the answer has not one vector for each input. */
export function readEmbeddings(answer: JsonObject, count: number): EmbeddingAnswer {
  const single = toObject(answer['embedding'])
  const given = single === null ? toList(answer['embeddings']) : [single]
  const vectors = given.map((value) =>
    toList(toObject(value)?.['values']).filter((number): number is number => typeof number === 'number'),
  )
  if (vectors.length !== count || vectors.some(({ length }) => length === 0)) {
    throw new GarbageFailure(`${vectors.length} vectors for ${count} inputs`)
  }
  return { vectors, usage: usageOf(answer) }
}

/** Older models say nothing of it. */
function usageOf(answer: JsonObject): Usage | null {
  const inputTokens = toCount(toObject(answer['usageMetadata'])?.['promptTokenCount'])
  if (inputTokens === 0) return null
  return {
    inputTokens,
    outputTokens: 0,
    cachedInputTokens: 0,
    cacheWriteTokens: 0,
    reasoningTokens: 0,
    estimated: false,
  }
}
