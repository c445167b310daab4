// Lays what several sources say of a model over each other and answers from the result.

import { type Entry, lookupNames, type Source } from './catalogue-entry.ts'
import { factsOfFamily, isRetired } from './model-families.ts'
import type { CatalogueModel, ModelOverrides } from './models.ts'
import { FREE, flat, type PriceBook, periodAt, type Rate, type Rates } from './prices.ts'
import { VENDORS } from './vendors.ts'

export interface Layer {
  readonly source: Source
  /** The day to which the source is known, `YYYY-MM-DD`. */
  readonly date: string
}

export interface ModelName {
  readonly provider: string
  readonly id: string
}

export interface Layers {
  list(overrides: ModelOverrides, at: Date): readonly CatalogueModel[]
  get(name: ModelName, overrides: ModelOverrides, at: Date): CatalogueModel | null
  /** Null where the cost of a call cannot be told from its tokens. */
  rates(name: ModelName, overrides: ModelOverrides, at: Date): Rates | null
}

const NO_RATES: Rates = { input: null, output: null, cachedInput: null, cacheWrite: null }

/** `provider/model`; the model may hold slashes of its own. */
export function splitModel(model: string): ModelName | null {
  const slash = model.indexOf('/')
  if (slash <= 0 || slash === model.length - 1) return null
  return { provider: model.slice(0, slash), id: model.slice(slash + 1) }
}

export function createLayers(sources: readonly Layer[], isLocal: (provider: string) => boolean): Layers {
  const layers = sources.toSorted((a, b) => (a.date < b.date ? 1 : a.date > b.date ? -1 : 0))

  return {
    list(overrides, at) {
      const names = listedNames(overrides)
      const models = names.flatMap(({ provider, id }) => {
        const found = describe({ provider, id }, overrides, at)
        return found === null ? [] : [found]
      })
      return models.toSorted(byAge).map(({ model }) => model)
    },
    get: (name, overrides, at) => describe(name, overrides, at)?.model ?? null,
    rates(name, overrides, at) {
      const prices = priceBook(name, entriesOf(name), at)
      const own = overrideOf(name, overrides)
      if (prices?.byModality === true && own === null) return null
      return withOverrides(prices === null ? NO_RATES : periodAt(prices, at).rates, own)
    },
  }

  /** What each source says, the newest first. */
  function entriesOf({ provider, id }: ModelName): readonly { readonly entry: Entry; readonly date: string }[] {
    return layers.flatMap(({ source, date }) => {
      const entry = source.find(provider, id)
      return entry === null ? [] : [{ entry, date }]
    })
  }

  function describe(name: ModelName, overrides: ModelOverrides, at: Date): Described | null {
    const found = entriesOf(name)
    const own = overrideOf(name, overrides)
    const local = isLocal(name.provider)
    if (found.length === 0 && own === null && !local) return null
    const id = found.find(({ entry }) => entry.id !== name.id)?.entry.id ?? name.id
    const prices = priceBook(name, found, at)
    const rates = withOverrides(prices === null ? NO_RATES : periodAt(prices, at).rates, own)
    const said: Partial<Entry> = Object.assign({}, ...found.map(({ entry }) => entry).toReversed())
    const facts = { ...factsOfFamily(id), ...(local && { contextTokens: null, outputTokens: null }) }
    const model: CatalogueModel = {
      model: `${name.provider}/${id}`,
      provider: name.provider,
      name: said.name ?? id,
      contextTokens: own?.contextTokens ?? said.contextTokens ?? facts.contextTokens,
      outputTokens: own?.outputTokens ?? said.outputTokens ?? facts.outputTokens,
      inputPrice: rates.input?.base ?? null,
      outputPrice: rates.output?.base ?? null,
      cachedInputPrice: rates.cachedInput?.base ?? null,
      input: said.input ?? facts.input,
      output: said.output ?? facts.output,
      reasoning: said.reasoning ?? facts.reasoning,
    }
    return { model, released: said.released ?? '' }
  }

  /** The newest source's prices, unless another has known all along that they change since then. */
  function priceBook(name: ModelName, found: ReturnType<typeof entriesOf>, at: Date): PriceBook | null {
    if (name.provider === 'demo' || isLocal(name.provider)) return FREE
    const priced = found.flatMap(({ entry, date }) =>
      entry.prices === undefined ? [] : [{ prices: entry.prices, date }],
    )
    const newest = priced[0]
    if (newest === undefined) return null
    const changed = priced.find(({ prices }) => (periodAt(prices, at).from ?? '') > newest.date)
    return (changed ?? newest).prices
  }

  function listedNames(overrides: ModelOverrides): readonly ModelName[] {
    const names = new Map<string, ModelName>()
    for (const { source } of layers) {
      for (const { provider, id } of source.entries) names.set(`${provider}/${id}`, { provider, id })
    }
    const offered = [...names.values()].filter(({ provider, id }) => {
      const snapshotOf = lookupNames(id)[1]
      if (snapshotOf !== undefined && names.has(`${provider}/${snapshotOf}`)) return false
      return entriesOf({ provider, id })[0]?.entry.listed !== false && !isRetired(id)
    })
    const own = Object.keys(overrides).flatMap((model) => splitModel(model) ?? [])
    return [...offered, ...own.filter(({ provider, id }) => !names.has(`${provider}/${id}`))]
  }
}

interface Described {
  readonly model: CatalogueModel
  readonly released: string
}

function overrideOf(name: ModelName, overrides: ModelOverrides): ModelOverrides[string] | null {
  const ids = lookupNames(name.id).map((id) => `${name.provider}/${id}`)
  const key = ids.find((id) => Object.hasOwn(overrides, id))
  return key === undefined ? null : (overrides[key] ?? null)
}

/** A user's price is one for every length of prompt; writing to the cache costs as much as input where nobody knows better. */
function withOverrides(rates: Rates, own: ModelOverrides[string] | null): Rates {
  if (own === null) return rates
  const input = chosen(own.inputPrice, rates.input)
  return {
    input,
    output: chosen(own.outputPrice, rates.output),
    cachedInput: chosen(own.cachedInputPrice, rates.cachedInput),
    cacheWrite: rates.cacheWrite ?? input,
  }
}

function chosen(price: number | null | undefined, known: Rate | null): Rate | null {
  if (price === undefined) return known
  return price === null ? null : flat(price)
}

const PROVIDER_ORDER: readonly string[] = Object.keys(VENDORS)

/** By provider; within one the newest first by date where a date is known, else by the version in the name. */
function byAge(a: Described, b: Described): number {
  return (
    providerRank(a.model.provider) - providerRank(b.model.provider) ||
    compare(a.model.provider, b.model.provider) ||
    compare(b.released, a.released) ||
    versionOf(b.model.model) - versionOf(a.model.model) ||
    compare(a.model.model, b.model.model)
  )
}

function providerRank(provider: string): number {
  const rank = PROVIDER_ORDER.indexOf(provider)
  return rank === -1 ? PROVIDER_ORDER.length : rank
}

/** The first number that is no count of parameters: 6.01 of `gpt-6.1-sol`, 4 of `gemma-4-26b`. */
function versionOf(model: string): number {
  const id = model.slice(model.lastIndexOf('/') + 1)
  const found = /(?<![\d.])(\d{1,2})(?:[.-](\d{1,2}))?(?![\dbx])/.exec(id)
  return found === null ? 0 : Number(found[1]) + Number(found[2] ?? 0) / 100
}

function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0
}
