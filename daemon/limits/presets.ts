// Limits of which vendors publish the numbers, by a name that the settings may give.

import { own } from '../own.ts'
import type { Lane, Limits } from './limiter.ts'

/** As many calls at once as the transport has connections for. */
const CONCURRENT = 128

/** Nothing known: the first answer's head tells. */
export const UNKNOWN_LIMITS: Limits = {
  requests: null,
  tokens: null,
  inputTokens: null,
  outputTokens: null,
  concurrent: CONCURRENT,
}

type PresetName = 'openai-3500' | 'anthropic-tier-1'

export const LIMIT_PRESETS: { readonly [Name in PresetName]: Limits } = {
  /** The tier in which most who pay OpenAI are: 3,500 requests and 150,000 tokens a minute. */
  'openai-3500': { ...UNKNOWN_LIMITS, requests: 3_500, tokens: 150_000 },
  /** Anthropic's first tier, platform.claude.com/docs/en/api/rate-limits. */
  'anthropic-tier-1': { ...UNKNOWN_LIMITS, requests: 50, inputTokens: 30_000, outputTokens: 8_000 },
}

/** As config.json says it; a preset is a start that the other fields change. */
export interface LimitSettings {
  readonly preset?: PresetName | undefined
  readonly requestsPerMinute?: number | undefined
  readonly tokensPerMinute?: number | undefined
  readonly inputTokensPerMinute?: number | undefined
  readonly outputTokensPerMinute?: number | undefined
  readonly concurrent?: number | undefined
}

/** The narrower name wins: `provider/model`, then `provider`. */
export function limitsFor({ provider, model }: Lane, settings: { readonly [name: string]: LimitSettings }): Limits {
  const said = own(settings, `${provider}/${model}`) ?? own(settings, provider) ?? {}
  const base = said.preset === undefined ? UNKNOWN_LIMITS : LIMIT_PRESETS[said.preset]
  return {
    requests: said.requestsPerMinute ?? base.requests,
    tokens: said.tokensPerMinute ?? base.tokens,
    inputTokens: said.inputTokensPerMinute ?? base.inputTokens,
    outputTokens: said.outputTokensPerMinute ?? base.outputTokens,
    concurrent: said.concurrent ?? base.concurrent,
  }
}
