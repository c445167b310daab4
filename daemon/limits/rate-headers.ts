// What the head of an answer says of limits, in the spellings of OpenAI (and who imitates it) and Anthropic.

import type { Gauge, Reading } from './limiter.ts'

type Headers = { readonly [name: string]: string }

/**
 * Sources: developers.openai.com/api/docs/guides/rate-limits, platform.claude.com/docs/en/api/rate-limits. The `reset`
 * headers are left alone: they are the time until everything is replenished, not until the next call may go.
 */
export function readRateHeaders(headers: Headers): Reading {
  const reading: { -readonly [Name in keyof Reading]: Reading[Name] } = {}
  for (const [kind, names] of Object.entries(NAMES) as [keyof typeof NAMES, readonly Names[]][]) {
    const gauge = tightest(names.flatMap((name) => readGauge(headers, name)))
    if (gauge !== null) reading[kind] = gauge
  }
  return reading
}

interface Names {
  readonly limit: string
  readonly remaining: string
}

const openai = (kind: string): Names => ({
  limit: `x-ratelimit-limit-${kind}`,
  remaining: `x-ratelimit-remaining-${kind}`,
})
const anthropic = (kind: string): Names => ({
  limit: `anthropic-ratelimit-${kind}-limit`,
  remaining: `anthropic-ratelimit-${kind}-remaining`,
})

const NAMES = {
  requests: [openai('requests'), anthropic('requests')],
  // Anthropic's `tokens` is whichever of its two is tighter, which its own two say better.
  tokens: [openai('tokens'), openai('project-tokens')],
  // Gemini's, which the provider reports in this spelling.
  inputTokens: [anthropic('input-tokens'), openai('input-tokens')],
  outputTokens: [anthropic('output-tokens')],
} as const satisfies { readonly [kind: string]: readonly Names[] }

/** Azure and some gateways send -1 or 0 for a limit where they mean that there is none. */
function readGauge(headers: Headers, names: Names): readonly Gauge[] {
  const limit = toCount(headers[names.limit])
  const remaining = toCount(headers[names.remaining])
  if (limit !== null && limit <= 0) return []
  if (limit === null && remaining === null) return []
  return [{ limit, remaining: remaining === null || remaining < 0 ? null : remaining }]
}

/** Several may hold at once; the one with least left decides. */
function tightest(gauges: readonly Gauge[]): Gauge | null {
  const left = (gauge: Gauge) => gauge.remaining ?? gauge.limit ?? Number.POSITIVE_INFINITY
  return gauges.reduce<Gauge | null>((best, gauge) => (best === null || left(gauge) < left(best) ? gauge : best), null)
}

function toCount(text: string | undefined): number | null {
  return text !== undefined && /^-?\d+$/.test(text.trim()) ? Number(text) : null
}
