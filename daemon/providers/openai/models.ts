// The list of models as OpenAI and its imitators give it: GET {base}/models.

import { fetchJson } from '../fetch-json.ts'
import { toCount, toList, toObject, toText } from '../json.ts'
import type { Endpoint, ListedModel } from '../provider.ts'
import type { Transport } from '../transport.ts'

/** OpenAI names ids only; OpenRouter, Groq, vLLM and llama.cpp add sizes, each under its own name. */
export async function listOpenAIModels(
  endpoint: Endpoint,
  transport: Transport,
  signal: AbortSignal,
): Promise<readonly ListedModel[]> {
  const authorization: { authorization?: string } =
    endpoint.apiKey === null ? {} : { authorization: `Bearer ${endpoint.apiKey}` }
  const url = `${endpoint.baseUrl.replace(/\/+$/, '')}/models`
  const answer = await fetchJson(
    { url, headers: { ...authorization, ...endpoint.headers } },
    endpoint,
    transport,
    signal,
  )
  return toOpenAIModels(answer['data'])
}

export function toOpenAIModels(data: unknown): readonly ListedModel[] {
  return toList(data).flatMap((value) => {
    const model = toObject(value)
    const id = toText(model?.['id'])
    if (model === null || id === null) return []
    const meta = toObject(model['meta'])
    const top = toObject(model['top_provider'])
    const context =
      model['context_length'] ??
      model['context_window'] ??
      model['max_model_len'] ??
      meta?.['n_ctx'] ??
      meta?.['n_ctx_train']
    const output = model['max_completion_tokens'] ?? top?.['max_completion_tokens']
    return [{ id, name: toText(model['name']), contextTokens: positive(context), outputTokens: positive(output) }]
  })
}

function positive(value: unknown): number | null {
  return toCount(value) || null
}
