// A request as Anthropic's Messages API wants it.

import type { JsonObject } from '../json.ts'
import { type ProviderRequest, textOfMessage } from '../provider.ts'

/** The API asks for a limit; this one is within what every model that is offered takes. */
export const DEFAULT_MAX_TOKENS = 16_384

/** From this version of the API on, sampling settings are refused, even at their defaults. */
export const STRICT_VERSION = '2026-10-21'

export interface AnthropicDialect {
  readonly version: string
  /** Some models refuse to be told how to think. */
  readonly thinking: boolean
}

/** For `sendAdapting`. */
export function adaptAnthropicDialect(dialect: AnthropicDialect, complaint: string): AnthropicDialect | null {
  return dialect.thinking && /thinking|output_config|effort/i.test(complaint) ? { ...dialect, thinking: false } : null
}

/** Only what the user set is sent; `stream` and `max_tokens` the API asks for. */
export function toAnthropicBody(request: ProviderRequest, dialect: AnthropicDialect): JsonObject {
  const { temperature, topP, maxOutputTokens, stop, reasoningEffort, extra } = request.parameters
  const sampling = dialect.version < STRICT_VERSION
  const maxTokens = maxOutputTokens ?? DEFAULT_MAX_TOKENS
  return {
    model: request.model,
    max_tokens: maxTokens,
    stream: true,
    ...(request.system === null || request.system === '' ? {} : { system: request.system }),
    // An empty text is refused wherever it stands.
    messages: request.messages
      .map((message) => ({ role: message.role, content: textOfMessage(message) }))
      .filter(({ content }) => content !== ''),
    ...(temperature === undefined || !sampling ? {} : { temperature }),
    ...(topP === undefined || !sampling ? {} : { top_p: topP }),
    ...(stop === undefined ? {} : { stop_sequences: stop }),
    ...(reasoningEffort === undefined || !dialect.thinking
      ? {}
      : toThinking(reasoningEffort, request.model, maxTokens)),
    ...extra,
  }
}

type Effort = NonNullable<ProviderRequest['parameters']['reasoningEffort']>

/** Claude before 4.6 thinks by a budget of tokens, later models by an effort. */
const BUDGET_MODELS = /claude-3|claude-(?:opus|sonnet|haiku)-4(?:-[0-5])?(?:-\d{8})?$/
const BUDGET_MIN = 1024
const BUDGETS: { readonly [Level in Exclude<Effort, 'none'>]: number } = {
  minimal: BUDGET_MIN,
  low: 2048,
  medium: 4096,
  high: 8192,
  max: 12_288,
}

function toThinking(effort: Effort, model: string, maxTokens: number): JsonObject {
  if (effort === 'none') return { thinking: { type: 'disabled' } }
  if (!BUDGET_MODELS.test(model)) {
    return {
      thinking: { type: 'adaptive', display: 'summarized' },
      output_config: { effort: effort === 'minimal' ? 'low' : effort },
    }
  }
  // The budget is part of max_tokens and has to leave room for the answer.
  const budget = Math.min(BUDGETS[effort], Math.floor(maxTokens / 2))
  return budget < BUDGET_MIN ? {} : { thinking: { type: 'enabled', budget_tokens: budget } }
}
