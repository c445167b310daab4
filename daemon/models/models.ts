// What is known of models: names, limits, prices, and how many tokens a text has.

import type { Model } from '../../src/protocol/schema/entities.ts'
import type { Usage } from '../../src/protocol/stream.ts'

/** What the catalogue says of one model; the fields of `Model` that do not depend on keys. */
export type CatalogueModel = Omit<Model, 'available' | 'isDefault'>

export interface Catalogue {
  /** The day of the newest prices, `YYYY-MM-DD`. */
  readonly pricesDate: string
  /** All known models of all providers, newest first within a provider. */
  list(): readonly CatalogueModel[]
  /** One by `provider/model`; a dated snapshot of a known model counts as that model; null where unknown. */
  get(model: string): CatalogueModel | null
  /** What a provider is asked when nobody names a model. */
  defaultModel(provider: string): string | null
  /** Millionths of a dollar of one call, tiers and cache prices included; null where any price it needs is unknown. */
  cost(model: string, usage: Usage): number | null
  /** Fetches models.dev, validates, keeps it in `file`; the old data stays on any failure. */
  refresh(signal: AbortSignal): Promise<{ readonly models: number; readonly pricesDate: string }>
}

export interface TokenCount {
  readonly tokens: number
  /** False where that model's own tokenizer counted. */
  readonly estimated: boolean
}

export interface TokenCounter extends Disposable {
  /** Tokens of a text; a worker counts, so a long text blocks nobody. */
  count(model: string, text: string): Promise<TokenCount>
  /** Tokens of a text at once and roughly, for running counts and when the worker is not worth starting. */
  estimate(model: string, text: string): number
  /** What a provider really counted for a text we estimated; later estimates for that model learn from it. */
  calibrate(model: string, estimated: number, actual: number): void
}
