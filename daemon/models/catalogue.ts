// The catalogue: several sources of models and prices laid over each other, the newest on top and the user's own above all.

import { type FetchedPrices, keepAnswer, readCatalogueFile } from './catalogue-file.ts'
import { createLayers, type Layer, type Layers, type ModelName, splitModel } from './catalogue-layers.ts'
import { download } from './download.ts'
import { createLoaded } from './loaded.ts'
import type { Catalogue, CatalogueModel, ModelOverrides } from './models.ts'
import { DEFAULT_MODELS, OWN_DATE, OWN_MODELS } from './own-models.ts'
import { costOf } from './prices.ts'
import { loadShippedPrices, SHIPPED_PRICES } from './shipped-prices.ts'

export interface CatalogueOptions {
  /** Where a refresh is kept; need not exist. */
  readonly file: string
  readonly overrides?: () => ModelOverrides
  /** Whether a provider is a server of one's own, whose calls cost nothing; without it none is. */
  readonly isLocal?: (provider: string) => boolean
  readonly fetchUrl?: string
  readonly now?: () => Date
}

const OWN: Layer = { source: OWN_MODELS, date: OWN_DATE }
const MODELS_DEV = 'https://models.dev/api.json'
/** The whole catalogue is about 3 MB. */
const REFRESH_LIMITS = { bytes: 32 * 1024 * 1024, milliseconds: 60_000, redirects: 3 }

/** Reads nothing yet: the first question loads the prices and the file. */
export function openCatalogue(options: CatalogueOptions): Catalogue {
  const { file, overrides = () => ({}), fetchUrl = MODELS_DEV, now = () => new Date() } = options
  const { isLocal = () => false } = options
  const own = createLayers([OWN], isLocal)
  const fetched = createLoaded<FetchedPrices | null>(() => readCatalogueFile(file, today()))
  // For models of our own table, which is newer than the package.
  const newest = createLoaded(async () => {
    const latest = await fetched.get()
    const current = latest !== null && latest.date >= SHIPPED_PRICES.date
    return createLayers(current ? [latest, OWN] : [OWN], isLocal)
  })
  const all = createLoaded(async () => {
    const [latest, shipped] = await Promise.all([fetched.get(), loadShippedPrices()])
    const sources: Layer[] = [OWN, { source: shipped, date: SHIPPED_PRICES.date }]
    return createLayers(latest === null ? sources : [latest, ...sources], isLocal)
  })

  return {
    pricesDate: async () => pricesDate(await fetched.get()),
    list: async () => (await all.get()).list(overrides(), now()),
    async get(model): Promise<CatalogueModel | null> {
      const name = splitModel(model)
      return name === null ? null : (await layersFor(name)).get(name, overrides(), now())
    },
    defaultModel(provider) {
      const id = Object.hasOwn(DEFAULT_MODELS, provider) ? DEFAULT_MODELS[provider] : undefined
      return id === undefined ? null : `${provider}/${id}`
    },
    async cost(model, usage) {
      const name = splitModel(model)
      if (name === null) return null
      const rates = (await layersFor(name)).rates(name, overrides(), now())
      return rates === null ? null : costOf(rates, usage)
    },
    async refresh(signal) {
      const answer = await download(fetchUrl, REFRESH_LIMITS, signal)
      const kept = await keepAnswer(file, fetchUrl, answer, today())
      fetched.replace(kept)
      newest.replace()
      all.replace()
      return { models: kept.source.entries.length, pricesDate: pricesDate(kept) }
    },
  }

  /** As few sources as tell all of it: the package takes 70 ms and 20 MB, which a turn of the demo must not wait for. */
  function layersFor(name: ModelName): Promise<Layers> {
    if (name.provider === 'demo' || isLocal(name.provider)) return Promise.resolve(own)
    const known = OWN_MODELS.find(name.provider, name.id)
    return (known?.prices === undefined ? all : newest).get()
  }

  function today(): string {
    return now().toISOString().slice(0, 10)
  }
}

function pricesDate(fetched: FetchedPrices | null): string {
  return fetched !== null && fetched.date > SHIPPED_PRICES.date ? fetched.date : SHIPPED_PRICES.date
}
