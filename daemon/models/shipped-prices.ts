// The prices that come with the installed package, as entries of the catalogue.

import type { ConditionalPrice, MatchLogic, ModelInfo, ModelPrice } from '@pydantic/genai-prices'
import { createSource, type Entry, isSnapshotSuffix, lookupNames, type Source } from './catalogue-entry.ts'
import { FREE, type PriceBook, type PricePeriod, type Rate } from './prices.ts'
import { VENDORS } from './vendors.ts'

/** The newest data in the package, and the version of it that this was read from. */
export const SHIPPED_PRICES = { date: '2026-09-22', version: '0.1.8' } as const

const NOT_CHAT =
  /embed|whisper|tts|transcribe|moderation|realtime|ocr|guard|voice|audio|-live|live-|search-preview|computer-use|davinci|curie|babbage|^ada$|instruct-|ft[:-]|native-|omni-|-maas$|:batch$/

/** Takes about 50 ms and 10 MB at the first call, so nothing loads it before a price is asked for. */
export async function loadShippedPrices(): Promise<Source> {
  const { findProvider } = await import('@pydantic/genai-prices')
  const models = new Map<string, readonly ModelInfo[]>()
  for (const [provider, { prices: vendor }] of Object.entries(VENDORS)) {
    const all = findProvider({ providerId: vendor })?.models ?? []
    // The vendor's list there has models of others, sold through another door at other prices.
    models.set(provider, provider === 'gemini' ? all.filter(({ id }) => /^gem(?:ini|ma)-/.test(id)) : all)
  }
  const entries = [...models].flatMap(([provider, infos]) => infos.flatMap((info) => toListed(provider, info)))
  const listed = createSource(entries)
  return {
    entries,
    find(provider, id) {
      const exact = listed.find(provider, id)
      if (exact !== null) return exact
      const names = lookupNames(id)
      const info = models.get(provider)?.find(({ match }) => names.some((name) => means(match, name)))
      if (info === undefined) return null
      const snapshot = id.startsWith(info.id) && isSnapshotSuffix(id.slice(info.id.length))
      return toEntry(provider, info, snapshot ? info.id : id)
    },
  }
}

/** Some ids are only names of a family: such a model is listed under the first name it answers to. */
function toListed(provider: string, info: ModelInfo): readonly Entry[] {
  const id = means(info.match, info.id) ? info.id : firstName(info.match)
  return id === null ? [] : [toEntry(provider, info, id)]
}

function toEntry(provider: string, info: ModelInfo, id: string): Entry {
  const prices = provider === 'openrouter' && id.endsWith(':free') ? FREE : toPriceBook(info)
  const priced = prices.periods.some(({ rates }) => rates.input !== null && rates.output !== null)
  return {
    provider,
    id,
    ...(info.name !== undefined && info.id === id && { name: info.name }),
    ...(info.context_window !== undefined && { contextTokens: info.context_window }),
    prices,
    listed: priced && info.deprecated !== true && isOffered(provider, id),
  }
}

/** Some lists name models that the vendor's own door does not open to: weights it gave away, names of resellers. */
function isOffered(provider: string, id: string): boolean {
  if (provider === 'openai' && /oss|^gpt-5(?:\.4)?-image/.test(id)) return false
  if (provider === 'openrouter' && !id.includes('/')) return false
  return !NOT_CHAT.test(id)
}

/**
 * The package matches some models by how their name begins, and so gives a new model the price of an older one
 * (`claude-sonnet-5` for `claude-sonnet-5-5`); only a snapshot may follow here.
 */
function means(match: MatchLogic, id: string): boolean {
  if ('or' in match) return match.or.some((option) => means(option, id))
  if ('and' in match) return match.and.every((option) => means(option, id))
  if ('equals' in match) return id.toLowerCase() === match.equals.toLowerCase()
  if ('regex' in match) return new RegExp(match.regex).test(id)
  const start = 'starts_with' in match ? match.starts_with : 'contains' in match ? match.contains : match.ends_with
  return id.toLowerCase().startsWith(start.toLowerCase()) && isSnapshotSuffix(id.slice(start.length))
}

function firstName(match: MatchLogic): string | null {
  if ('equals' in match) return match.equals
  if ('or' in match) return match.or.map(firstName).find((name) => name !== null) ?? null
  return null
}

function toPriceBook(info: ModelInfo): PriceBook {
  const conditional: readonly ConditionalPrice[] = Array.isArray(info.prices) ? info.prices : [{ prices: info.prices }]
  const byModality = conditional.some(({ prices }) =>
    ['output_image_mtok', 'output_audio_mtok', 'output_video_mtok', 'input_image_mtok'].some((key) => key in prices),
  )
  return { periods: conditional.map(toPeriod), byModality }
}

function toPeriod({ constraint, prices }: ConditionalPrice): PricePeriod {
  const rates = toRates(prices)
  if (constraint === undefined) return { from: null, hours: null, rates }
  if (constraint.type === 'start_date') return { from: constraint.start_date, hours: null, rates }
  return {
    from: null,
    hours: { start: secondOfDay(constraint.start_time), end: secondOfDay(constraint.end_time) },
    rates,
  }
}

/** In the package's data, cached input without a price of its own is charged as ordinary input. */
function toRates(prices: ModelPrice): PricePeriod['rates'] {
  const input = toRate(prices['input_mtok'])
  return {
    input,
    output: toRate(prices['output_mtok']),
    cachedInput: toRate(prices['cache_read_mtok']) ?? input,
    cacheWrite: toRate(prices['cache_write_mtok']) ?? input,
  }
}

function toRate(price: ModelPrice[string]): Rate | null {
  if (price === undefined) return null
  if (typeof price === 'number') return { base: price, tiers: [] }
  const tiers = price.tiers.map((tier) => ({ above: tier.start, price: tier.price }))
  return { base: price.base, tiers: tiers.toSorted((a, b) => a.above - b.above) }
}

/** `16:30:00Z`; the data has no other zone. */
function secondOfDay(time: string): number {
  const [hours = 0, minutes = 0, seconds = 0] = time.replace('Z', '').split(':').map(Number)
  return hours * 3600 + minutes * 60 + seconds
}
