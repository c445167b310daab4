// A request as Anthropic's Messages API wants it.

import { isObject, type JsonObject } from '../json.ts'
import type { Keepsakes } from '../keepsakes.ts'
import type { ProviderRequest } from '../provider.ts'
import { callsOf } from '../tool-turns.ts'
import { type KeptTurn, toAnthropicMessages } from './content.ts'
import type { AnthropicDialect } from './dialect.ts'
import { isCacheable, markLast, markSystem, markTools } from './prompt-cache.ts'
import { toSampling } from './sampling.ts'
import { recallTurns, toThinking } from './thinking.ts'
import { toAnthropicTools, toInstruction, toOutputFormat } from './tools.ts'

/** The API asks for a limit; this one is within what every model that is offered takes. */
export const DEFAULT_MAX_TOKENS = 16_384

/** Only what the user set is sent; `stream` and `max_tokens` the API asks for. */
export function toAnthropicBody(
  request: ProviderRequest,
  dialect: AnthropicDialect,
  kept: Keepsakes<KeptTurn>,
): JsonObject {
  const { maxOutputTokens, stop, extra } = request.parameters
  const maxTokens = maxOutputTokens ?? DEFAULT_MAX_TOKENS
  const turns = dialect.thinking ? recallTurns(request, kept) : null
  const thinking = dialect.thinking
    ? toThinking(request, maxTokens, { replayed: turns !== null, effort: dialect.effort })
    : {}
  return {
    model: request.model,
    max_tokens: maxTokens,
    stream: true,
    ...toPrompt(request, dialect, turns),
    ...toSampling(request.parameters, dialect, { ...thinking, ...extra }['thinking']),
    ...(stop === undefined ? {} : { stop_sequences: stop }),
    ...thinking,
    ...toOutputConfig(thinking['output_config'], toOutputFormat(request.responseFormat, dialect.schemas)),
    ...extra,
  }
}

function toOutputConfig(effort: unknown, format: JsonObject | null): JsonObject {
  return format === null ? {} : { output_config: { ...(isObject(effort) ? effort : {}), ...format } }
}

/** Instructions, tools and messages, marked where their reuse pays. */
function toPrompt(
  request: ProviderRequest,
  dialect: AnthropicDialect,
  turns: ReadonlyMap<string, KeptTurn> | null,
): JsonObject {
  const wanted = toInstruction(request.responseFormat, dialect.schemas)
  const system = [request.system ?? '', wanted ?? ''].filter((text) => text !== '').join('\n\n')
  const declared = toAnthropicTools(request.tools, request.messages, dialect.schemas)
  const tools = declared['tools']
  const messages = toAnthropicMessages(
    request.messages,
    (message) => turns?.get(callsOf(message)[0]?.callId ?? '') ?? null,
  )
  const marked = isCacheable(request, lengthOf(request, system))
  return {
    ...(system === '' ? {} : { system: marked ? markSystem(system) : system }),
    ...declared,
    ...(marked && system === '' && Array.isArray(tools) ? { tools: markTools(tools) } : {}),
    messages: marked ? markLast(messages) : messages,
  }
}

/** In characters, without pictures. */
function lengthOf({ messages, tools }: ProviderRequest, system: string): number {
  const spoken = messages.flatMap(({ content }) => content.map((part) => ('text' in part ? part.text.length : 0)))
  const declared = tools === undefined ? 0 : JSON.stringify(tools.tools).length
  return spoken.reduce((sum, length) => sum + length, system.length + declared)
}
