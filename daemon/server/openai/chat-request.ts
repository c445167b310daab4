// POST /v1/chat/completions: what its body asks for, and what of it no provider of natter can do.

import { type Asked, toEffort } from './asked.ts'
import { toTranscript } from './chat-messages.ts'
import type { ChatBody } from './chat-schema.ts'
import { unsupported } from './errors.ts'
import { CHAT_EXTRAS } from './extras.ts'
import { toResponseFormat, toTools } from './tools.ts'
import { given } from './values.ts'

export interface AskedChat extends Asked {
  /** Whether the stream ends with what was used. */
  readonly includeUsage: boolean
}

export function toAskedChat(body: ChatBody): AskedChat {
  refuse(body)
  const maxOutputTokens = body.max_completion_tokens ?? body.max_tokens
  return {
    ...toTranscript(body.messages),
    model: body.model ?? null,
    stream: body.stream ?? false,
    includeUsage: body.stream_options?.include_usage ?? false,
    tools: toTools(body, 'nested'),
    responseFormat: toResponseFormat(body.response_format ?? null, 'response_format', 'nested'),
    parameters: given({
      temperature: body.temperature,
      topP: body.top_p,
      maxOutputTokens,
      stop: toStops(body.stop),
      seed: body.seed,
      reasoningEffort: toEffort(body.reasoning_effort),
    }),
    extras: given(Object.fromEntries(CHAT_EXTRAS.map((name) => [name, body[name]]))),
  }
}

/** Clients send empty ones for none, which vendors refuse. */
function toStops(stop: ChatBody['stop']): string[] | undefined {
  const stops = [stop ?? []].flat().filter((text) => text !== '')
  return stops.length === 0 ? undefined : stops
}

/** Left out silently, these would give another answer than the one that was asked for. */
function refuse(body: ChatBody): void {
  if ((body.n ?? 1) > 1) throw unsupported('n', 'there is one choice for each request', 'Send several requests')
  if (body.logprobs === true || (body.top_logprobs ?? 0) > 0) {
    throw unsupported('logprobs', 'natter does not pass them on', 'Leave out "logprobs" and "top_logprobs"')
  }
  if ((body.audio ?? null) !== null || body.modalities?.some((modality) => modality !== 'text')) {
    throw unsupported('modalities', 'answers are text', 'Leave out "audio", and all of "modalities" but "text"')
  }
  if ((body.functions?.length ?? 0) > 0) {
    throw unsupported('functions', 'natter knows the newer "tools" only', 'Send them as "tools", each under "function"')
  }
}
