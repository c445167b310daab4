// The catalogue: several sources of models and prices laid over each other, the newest on top and the user's own above all.

import { type FetchedPrices, keepAnswer, readCatalogueFile } from './catalogue-file.ts'
import { createLayers, type Layer, type Layers, splitModel } from './catalogue-layers.ts'
import { download } from './download.ts'
import type { Catalogue, CatalogueModel, ModelOverrides } from './models.ts'
import { DEFAULT_MODELS, OWN_DATE, OWN_MODELS } from './own-models.ts'
import { costOf } from './prices.ts'
import { loadShippedPrices, SHIPPED_PRICES } from './shipped-prices.ts'

export interface CatalogueOptions {
  /** Where a refresh is kept; need not exist. */
  readonly file: string
  readonly overrides?: () => ModelOverrides
  /** Whether a provider is a server of one's own, whose calls cost nothing. */
  readonly isLocal?: (provider: string) => boolean
  readonly fetchUrl?: string
  readonly now?: () => Date
}

const MODELS_DEV = 'https://models.dev/api.json'
const LOCAL_PROVIDERS: ReadonlySet<string> = new Set(['ollama', 'llamacpp', 'lmstudio', 'vllm'])
/** The whole catalogue is about 3 MB. */
const REFRESH_LIMITS = { bytes: 32 * 1024 * 1024, milliseconds: 60_000, redirects: 3 }

/** Reads nothing yet: the first question loads the prices and the file. */
export function openCatalogue(options: CatalogueOptions): Catalogue {
  const { file, overrides = () => ({}), fetchUrl = MODELS_DEV, now = () => new Date() } = options
  const { isLocal = (provider) => LOCAL_PROVIDERS.has(provider) } = options
  let fetched: Promise<FetchedPrices | null> | null = null
  let layers: Promise<Layers> | null = null

  return {
    pricesDate: async () => pricesDate(await loadFetched()),
    list: async () => (await load()).list(overrides(), now()),
    async get(model): Promise<CatalogueModel | null> {
      return (await load()).get(model, overrides(), now())
    },
    defaultModel(provider) {
      const id = Object.hasOwn(DEFAULT_MODELS, provider) ? DEFAULT_MODELS[provider] : undefined
      return id === undefined ? null : `${provider}/${id}`
    },
    async cost(model, usage) {
      const name = splitModel(model)
      if (name === null) return null
      const prices = (await load()).rates(name, overrides(), now())
      return prices === null ? null : costOf(prices, usage)
    },
    async refresh(signal) {
      const answer = await download(fetchUrl, REFRESH_LIMITS, signal)
      const kept = await keepAnswer(file, fetchUrl, answer, today())
      fetched = Promise.resolve(kept)
      layers = null
      return { models: kept.source.entries.length, pricesDate: pricesDate(kept) }
    },
  }

  function load(): Promise<Layers> {
    layers ??= loadLayers()
    return layers
  }

  async function loadLayers(): Promise<Layers> {
    const [latest, shipped] = await Promise.all([loadFetched(), loadShippedPrices()])
    const sources: Layer[] = [
      { source: OWN_MODELS, date: OWN_DATE },
      { source: shipped, date: SHIPPED_PRICES.date },
    ]
    if (latest !== null) sources.push(latest)
    return createLayers(sources, isLocal)
  }

  function loadFetched(): Promise<FetchedPrices | null> {
    fetched ??= readCatalogueFile(file, today())
    return fetched
  }

  function today(): string {
    return now().toISOString().slice(0, 10)
  }
}

function pricesDate(fetched: FetchedPrices | null): string {
  return fetched !== null && fetched.date > SHIPPED_PRICES.date ? fetched.date : SHIPPED_PRICES.date
}
