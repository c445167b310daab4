// Prices as data, which of them holds at a moment, and what a call costs by them.

import type { Usage } from '../../src/protocol/stream.ts'

/** US dollars per million tokens; a tier replaces the base for the whole call once its input is larger than `above`. */
export interface Rate {
  readonly base: number
  readonly tiers: readonly { readonly above: number; readonly price: number }[]
}

/** Null where unknown; a known 0 is a price. */
export interface Rates {
  readonly input: Rate | null
  readonly output: Rate | null
  readonly cachedInput: Rate | null
  readonly cacheWrite: Rate | null
}

export interface PricePeriod {
  /** The first day it holds, `YYYY-MM-DD` in UTC; null: always. */
  readonly from: string | null
  /** The hours of the day it holds, in seconds after midnight UTC; may cross midnight. */
  readonly hours: { readonly start: number; readonly end: number } | null
  readonly rates: Rates
}

/** Later periods win over earlier ones. */
export interface PriceBook {
  readonly periods: readonly PricePeriod[]
  /** True where tokens of images or sound are priced apart: a plain token count then says nothing of the cost. */
  readonly byModality: boolean
}

const UNKNOWN: Rates = { input: null, output: null, cachedInput: null, cacheWrite: null }
const FREE_RATE: Rate = { base: 0, tiers: [] }

/** Known to cost nothing: the demo and servers of one's own. */
export const FREE: PriceBook = book({
  input: FREE_RATE,
  output: FREE_RATE,
  cachedInput: FREE_RATE,
  cacheWrite: FREE_RATE,
})

export function book(rates: Rates): PriceBook {
  return { periods: [{ from: null, hours: null, rates }], byModality: false }
}

export function flat(price: number): Rate {
  return { base: price, tiers: [] }
}

/** The period that holds at a moment; where none does, the first, as the price data of the package means it. */
export function periodAt(prices: PriceBook, at: Date): PricePeriod {
  const holding = prices.periods.findLast((period) => holds(period, at))
  return holding ?? prices.periods[0] ?? { from: null, hours: null, rates: UNKNOWN }
}

function holds(period: PricePeriod, at: Date): boolean {
  if (period.from !== null && at < new Date(`${period.from}T00:00:00Z`)) return false
  if (period.hours === null) return true
  const { start, end } = period.hours
  const second = (at.getTime() % 86_400_000) / 1000
  return end < start ? second >= start || second < end : second >= start && second < end
}

/** Millionths of a dollar, rounded to the nearest; null where a price it needs is unknown. */
export function costOf(rates: Rates, usage: Usage): number | null {
  const { inputTokens, outputTokens, cachedInputTokens, cacheWriteTokens } = usage
  const counts = [inputTokens, outputTokens, cachedInputTokens, cacheWriteTokens]
  if (!counts.every((count) => Number.isSafeInteger(count) && count >= 0)) return null
  // Reasoning is part of the output and cached input part of the input: neither is counted twice.
  const plainTokens = Math.max(0, inputTokens - cachedInputTokens - cacheWriteTokens)
  const charges = [
    charge(rates.input, plainTokens, inputTokens),
    charge(rates.cachedInput, cachedInputTokens, inputTokens),
    charge(rates.cacheWrite, cacheWriteTokens, inputTokens),
    charge(rates.output, outputTokens, inputTokens),
  ]
  let picodollars = 0
  for (const part of charges) {
    if (part === null) return null
    picodollars += part
  }
  return Math.round(picodollars / 1_000_000)
}

/** Whole millionths of a microdollar, so that adding up stays exact. */
function charge(rate: Rate | null, tokens: number, inputTokens: number): number | null {
  if (tokens === 0) return 0
  if (rate === null) return null
  return Math.round(priceFor(rate, inputTokens) * 1_000_000) * tokens
}

function priceFor(rate: Rate, inputTokens: number): number {
  const tier = rate.tiers.findLast(({ above }) => inputTokens > above)
  return tier?.price ?? rate.base
}
