// A request as Chat Completions wants it, from OpenAI itself to its imitators.

import type { Endpoint, ProviderRequest } from '../provider.ts'
import { toChatMessages } from './chat-messages.ts'
import { toChatFormat, toChatTools } from './chat-tools.ts'
import type { RequestBody } from './client.ts'
import { hostOf } from './host.ts'

/** Fields that not every server takes; a refusal that names one makes us leave it out. */
export interface ChatDialect {
  /** Whether to ask for usage; without it most servers send none in a stream. */
  readonly streamOptions: boolean
  readonly maxTokensField: 'max_tokens' | 'max_completion_tokens'
  /** Whether it may be told to call one tool at a time. */
  readonly parallelTools: boolean
}

/** OpenAI's reasoning models refuse the older field; most imitators know only that one. */
const NEW_FIELD_MODELS = /^(?:o\d|gpt-[5-9])/

export function initialDialect(endpoint: Endpoint, model: string): ChatDialect {
  const host = hostOf(endpoint)
  const modern = endpoint.provider === 'openai' || host === 'api.openai.com' || NEW_FIELD_MODELS.test(model)
  return {
    // Mistral refuses fields that it does not know, and sends usage unasked.
    streamOptions: endpoint.provider !== 'mistral' && host !== 'api.mistral.ai',
    maxTokensField: modern ? 'max_completion_tokens' : 'max_tokens',
    parallelTools: true,
  }
}

/** For `sendAdapting`. */
export function adaptDialect(dialect: ChatDialect, complaint: string): ChatDialect | null {
  if (dialect.streamOptions && /stream_options|include_usage/.test(complaint)) {
    return { ...dialect, streamOptions: false }
  }
  if (dialect.parallelTools && /parallel_tool_calls/.test(complaint)) return { ...dialect, parallelTools: false }
  const { maxTokensField } = dialect
  const refused = new RegExp(`\\b${maxTokensField}\\b`).test(complaint) && REFUSAL.test(complaint)
  if (!refused) return null
  return { ...dialect, maxTokensField: maxTokensField === 'max_tokens' ? 'max_completion_tokens' : 'max_tokens' }
}

/** "max_tokens is too large" is no such complaint. */
const REFUSAL = /unsupported|not supported|unknown|unrecognized|unexpected|extra (?:inputs|fields)|not permitted/i

/** Only what the user set is sent: newer models refuse even the default of what they do not know. */
export function toChatBody(request: ProviderRequest, endpoint: Endpoint, dialect: ChatDialect): RequestBody {
  const { temperature, topP, maxOutputTokens, stop, seed, reasoningEffort, extra } = request.parameters
  return {
    model: request.model,
    messages: toChatMessages(request, endpoint),
    ...toChatTools(request.tools, dialect.parallelTools),
    ...toChatFormat(request.responseFormat),
    ...(dialect.streamOptions ? { stream_options: { include_usage: true } } : {}),
    ...(temperature === undefined ? {} : { temperature }),
    ...(topP === undefined ? {} : { top_p: topP }),
    ...(maxOutputTokens === undefined ? {} : { [dialect.maxTokensField]: maxOutputTokens }),
    ...(stop === undefined ? {} : { stop }),
    ...(seed === undefined ? {} : { seed }),
    ...(reasoningEffort === undefined ? {} : toEffort(reasoningEffort, endpoint.provider)),
    ...extra,
  }
}

type Effort = NonNullable<ProviderRequest['parameters']['reasoningEffort']>

/** One scale for the user, each vendor's own words on the wire. */
function toEffort(effort: Effort, provider: string): RequestBody {
  switch (provider) {
    case 'openrouter':
      return { reasoning: { effort: effort === 'max' ? 'xhigh' : effort } }
    case 'deepseek':
      return effort === 'none'
        ? { thinking: { type: 'disabled' } }
        : { thinking: { type: 'enabled' }, reasoning_effort: effort === 'max' ? 'max' : 'high' }
    case 'openai':
    case 'ollama':
      return { reasoning_effort: effort }
    default:
      return { reasoning_effort: effort === 'minimal' ? 'low' : effort === 'max' ? 'high' : effort }
  }
}
