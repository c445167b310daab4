// A request as the Responses API wants it.

import type { ProviderRequest } from '../provider.ts'
import type { RequestBody } from './client.ts'
import { toResponsesInput } from './responses-input.ts'
import { toResponsesFormat, toResponsesTools } from './responses-tools.ts'

/** Whether to ask for summaries of the reasoning: organisations that OpenAI has not verified get none, but a refusal. */
export interface ResponsesDialect {
  readonly summaries: boolean
}

export const INITIAL_RESPONSES_DIALECT: ResponsesDialect = { summaries: true }

/** "Expected a value >= 16": less is refused here, while Chat Completions takes one token. */
const OUTPUT_MIN = 16

/** For `sendAdapting`. */
export function adaptResponsesDialect(dialect: ResponsesDialect, complaint: string): ResponsesDialect | null {
  return dialect.summaries && /reasoning[._ ]summar/i.test(complaint) ? { summaries: false } : null
}

/**
 * Only what the user set is sent, and `store: false`, because OpenAI keeps what it is not told to forget.
 * The Responses API knows neither `stop` nor `seed`; a user who needs them configures Chat Completions.
 */
export function toResponsesBody(request: ProviderRequest, dialect: ResponsesDialect): RequestBody {
  const { temperature, topP, maxOutputTokens, reasoningEffort, extra } = request.parameters
  return {
    model: request.model,
    input: toResponsesInput(request.messages),
    store: false,
    ...toResponsesTools(request.tools),
    ...toResponsesFormat(request.responseFormat),
    ...(request.system === null ? {} : { instructions: request.system }),
    ...(temperature === undefined ? {} : { temperature }),
    ...(topP === undefined ? {} : { top_p: topP }),
    ...(maxOutputTokens === undefined ? {} : { max_output_tokens: Math.max(OUTPUT_MIN, maxOutputTokens) }),
    ...(reasoningEffort === undefined ? {} : { reasoning: toReasoning(reasoningEffort, dialect) }),
    ...extra,
  }
}

function toReasoning(effort: string, dialect: ResponsesDialect): RequestBody {
  return dialect.summaries && effort !== 'none' ? { effort, summary: 'auto' } : { effort }
}
