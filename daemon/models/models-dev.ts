// Reads what models.dev publishes; every value is checked, since the answer comes from the network.

import { createSource, type Entry, type Source } from './catalogue-entry.ts'
import type { CatalogueModel } from './models.ts'
import type { PriceBook, Rate } from './prices.ts'
import { VENDORS } from './vendors.ts'

/** Fewer providers than this in an answer means that it is not, or no longer, the catalogue we know. */
const PROVIDERS_MIN = 3
const MODELS_MAX = 5000
const MODEL_NAME = /^[A-Za-z0-9][\w.:@/+~-]{0,199}$/
const RELEASED = /^\d{4}-\d{2}(?:-\d{2})?$/
const INPUTS = ['text', 'image', 'pdf', 'audio', 'video'] as const
const OUTPUTS = ['text', 'image', 'audio'] as const

type Json = { readonly [key: string]: unknown }

/** Only what we use of the providers that we know, still in the shape of models.dev; null where the shape is not theirs. */
export function trimModelsDev(answer: unknown): Json | null {
  const root = objectOf(answer)
  const providers = objectOf(root?.['providers']) ?? root
  const kept: [string, Json][] = []
  for (const { modelsDev: vendor } of Object.values(VENDORS)) {
    const models = Object.entries(objectOf(objectOf(providers?.[vendor])?.['models']) ?? {})
    const trimmed = models.slice(0, MODELS_MAX).flatMap(([id, model]) => trimModel(id, model))
    if (trimmed.length > 0) kept.push([vendor, { models: Object.fromEntries(trimmed) }])
  }
  return kept.length < PROVIDERS_MIN ? null : Object.fromEntries(kept)
}

function trimModel(id: string, value: unknown): readonly [string, Json][] {
  const model = objectOf(value)
  if (model === null || !MODEL_NAME.test(id)) return []
  const { name, release_date, reasoning, status, modalities, limit, cost } = model
  return [[id, { name, release_date, reasoning, status, modalities, limit, cost }]]
}

/** The models of trimmed data; what does not have the expected type counts as not said. */
export function readModelsDev(trimmed: Json): Source {
  const entries: Entry[] = []
  for (const [provider, { modelsDev: vendor }] of Object.entries(VENDORS)) {
    const models = objectOf(objectOf(trimmed[vendor])?.['models']) ?? {}
    for (const [id, value] of Object.entries(models)) {
      const model = objectOf(value)
      if (model !== null && MODEL_NAME.test(id)) entries.push(toEntry(provider, id, model))
    }
  }
  return createSource(entries)
}

function toEntry(provider: string, id: string, model: Json): Entry {
  const limit = objectOf(model['limit'])
  const modalities = objectOf(model['modalities'])
  const input = known(INPUTS, modalities?.['input'])
  const output = known(OUTPUTS, modalities?.['output'])
  const name = nameOf(model['name'])
  const contextTokens = countOf(limit?.['context'])
  const outputTokens = countOf(limit?.['output'])
  const released = model['release_date']
  const prices = toPrices(provider, id, objectOf(model['cost']), output)
  return {
    provider,
    id,
    ...(name !== null && { name }),
    ...(contextTokens !== null && { contextTokens }),
    ...(outputTokens !== null && { outputTokens }),
    ...(input.length > 0 && { input }),
    ...(output.length > 0 && { output }),
    ...(typeof model['reasoning'] === 'boolean' && { reasoning: model['reasoning'] }),
    ...(typeof released === 'string' && RELEASED.test(released) && { released }),
    ...(prices !== null && { prices }),
    listed: model['status'] !== 'deprecated' && output.length > 0 && !/embed|-tts|transcribe|-live/.test(id),
  }
}

/** A price that is not named is unknown; so is a 0 of a model that is not sold as free. */
function toPrices(provider: string, id: string, cost: Json | null, output: CatalogueModel['output']): PriceBook | null {
  if (cost === null) return null
  const tiers = tiersOf(cost)
  const rate = (key: string): Rate | null => {
    const base = priceOf(cost[key])
    if (base === null) return null
    const steps = tiers.map(({ above, prices }) => ({ above, price: priceOf(prices[key]) ?? base }))
    return { base, tiers: steps }
  }
  const rates = {
    input: rate('input'),
    output: rate('output'),
    cachedInput: rate('cache_read'),
    cacheWrite: rate('cache_write'),
  }
  const free = rates.input?.base === 0 && rates.output?.base === 0
  if (free && !(provider === 'openrouter' && id.endsWith(':free'))) return null
  if (rates.input === null && rates.output === null) return null
  return { periods: [{ from: null, hours: null, rates }], byModality: output.some((kind) => kind !== 'text') }
}

/** `tiers: [{tier: {type: 'context', size}, input, …}]`, and before 2026 `context_over_200k: {input, …}`. */
function tiersOf(cost: Json): readonly { readonly above: number; readonly prices: Json }[] {
  const tiers = Array.isArray(cost['tiers']) ? cost['tiers'] : []
  const found = tiers.flatMap((value: unknown) => {
    const prices = objectOf(value)
    const tier = objectOf(prices?.['tier'])
    const above = countOf(tier?.['size'])
    const byContext = (tier?.['type'] ?? 'context') === 'context'
    return prices !== null && above !== null && byContext ? [{ above, prices }] : []
  })
  if (found.length > 0) return found.toSorted((a, b) => a.above - b.above)
  const over200k = objectOf(cost['context_over_200k'])
  return over200k === null ? [] : [{ above: 200_000, prices: over200k }]
}

function known<Value extends string>(allowed: readonly Value[], values: unknown): Value[] {
  return Array.isArray(values) ? allowed.filter((value) => values.includes(value)) : []
}

/** A name goes to the terminal, so it must be short and without control characters. */
function nameOf(value: unknown): string | null {
  if (typeof value !== 'string') return null
  const name = value.replace(/[\p{Cc}\p{Cf}]/gu, '').trim()
  return name === '' || name.length > 200 ? null : name
}

function countOf(value: unknown): number | null {
  return typeof value === 'number' && Number.isSafeInteger(value) && value > 0 ? value : null
}

function priceOf(value: unknown): number | null {
  return typeof value === 'number' && value >= 0 && value < 100_000 ? value : null
}

function objectOf(value: unknown): Json | null {
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Json) : null
}
