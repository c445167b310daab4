// What the head of an answer says of limits, in the spellings of OpenAI (and who imitates it) and Anthropic.

import type { Gauge, Reading } from './limiter.ts'

type Headers = { readonly [name: string]: string }

/**
 * Sources: developers.openai.com/api/docs/guides/rate-limits, platform.claude.com/docs/en/api/rate-limits. The `reset`
 * headers are the time until everything is replenished, not until the next call may go. `now` is the time of day.
 */
export function readRateHeaders(headers: Headers, now = Date.now()): Reading {
  const reading: { -readonly [Name in keyof Reading]: Reading[Name] } = {}
  for (const [kind, names] of Object.entries(NAMES) as [keyof typeof NAMES, readonly Names[]][]) {
    const gauge = tightest(names.flatMap((name) => readGauge(headers, name, now)))
    if (gauge !== null) reading[kind] = gauge
  }
  return reading
}

interface Names {
  readonly limit: string
  readonly remaining: string
  readonly reset: string
}

const openai = (kind: string): Names => ({
  limit: `x-ratelimit-limit-${kind}`,
  remaining: `x-ratelimit-remaining-${kind}`,
  reset: `x-ratelimit-reset-${kind}`,
})
const anthropic = (kind: string): Names => ({
  limit: `anthropic-ratelimit-${kind}-limit`,
  remaining: `anthropic-ratelimit-${kind}-remaining`,
  reset: `anthropic-ratelimit-${kind}-reset`,
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
function readGauge(headers: Headers, names: Names, now: number): readonly Gauge[] {
  const limit = toCount(headers[names.limit])
  const remaining = toCount(headers[names.remaining])
  if (limit !== null && limit <= 0) return []
  if (limit === null && remaining === null) return []
  const resetMs = toResetMs(headers[names.reset], now)
  return [
    {
      limit,
      remaining: remaining === null || remaining < 0 ? null : remaining,
      ...(resetMs === null ? {} : { resetMs }),
    },
  ]
}

const UNITS: { readonly [unit: string]: number } = { d: 86_400_000, h: 3_600_000, m: 60_000, s: 1_000, ms: 1 }

/** A duration as Go writes it (`6m0s`, `2m59.56s`, `12ms`), a number of seconds, or a time of day (RFC 3339). */
function toResetMs(text: string | undefined, now: number): number | null {
  const word = text?.trim() ?? ''
  if (/^\d+(?:\.\d+)?$/.test(word)) return Number(word) * 1_000
  if (/^(?:\d+(?:\.\d+)?(?:ms|[dhms]))+$/.test(word)) {
    const pieces = word.matchAll(/(\d+(?:\.\d+)?)(ms|[dhms])/g)
    return [...pieces].reduce((sum, [, count, unit]) => sum + Number(count) * (UNITS[unit ?? ''] ?? 0), 0)
  }
  const time = /^\d{4}-\d\d-\d\dT/.test(word) ? Date.parse(word) : Number.NaN
  return Number.isNaN(time) ? null : Math.max(0, time - now)
}

/** Several may hold at once; the one with least left decides. */
function tightest(gauges: readonly Gauge[]): Gauge | null {
  const left = (gauge: Gauge) => gauge.remaining ?? gauge.limit ?? Number.POSITIVE_INFINITY
  return gauges.reduce<Gauge | null>((best, gauge) => (best === null || left(gauge) < left(best) ? gauge : best), null)
}

function toCount(text: string | undefined): number | null {
  return text !== undefined && /^-?\d+$/.test(text.trim()) ? Number(text) : null
}
