// What is known of models: names, limits, prices, and how many tokens a text has.

import type { Model } from '../../src/protocol/schema/entities.ts'
import type { Usage } from '../../src/protocol/stream.ts'

/** What the catalogue says of one model; the fields of `Model` that do not depend on keys. */
export type CatalogueModel = Omit<Model, 'available' | 'isDefault'>

/** Asynchronous because the price data is read at the first question, not when the daemon starts. */
export interface Catalogue {
  /** The day to which the prices as a whole are known, `YYYY-MM-DD`; single models may be known longer. */
  pricesDate(): Promise<string>
  /** All models a turn could be sent to, newest first within a provider. */
  list(): Promise<readonly CatalogueModel[]>
  /** One by `provider/model`; a dated snapshot of a known model counts as that model; null where unknown. */
  get(model: string): Promise<CatalogueModel | null>
  /** What a provider is asked when nobody names a model, `provider/model`. */
  defaultModel(provider: string): string | null
  /** Millionths of a dollar of one call, tiers and cache prices included; null where any price it needs is unknown. */
  cost(model: string, usage: Usage): Promise<number | null>
  /** Fetches models.dev, validates, keeps it in `file`; the old data stays on any failure. */
  refresh(signal: AbortSignal): Promise<{ readonly models: number; readonly pricesDate: string }>
}

/** What a user's config says of models, by `provider/model`; dollars per million tokens, null: unknown. */
export type ModelOverrides = {
  readonly [model: string]: {
    readonly inputPrice?: number | null
    readonly outputPrice?: number | null
    readonly cachedInputPrice?: number | null
    readonly contextTokens?: number
    readonly outputTokens?: number
  }
}

export interface TokenCount {
  readonly tokens: number
  /** False where that model's own tokenizer counted. */
  readonly estimated: boolean
}

export interface TokenCounter extends Disposable {
  /** Tokens of a text; a worker counts for models whose tokenizer is known, so a long text blocks nobody. Never fails. */
  count(model: string, text: string): Promise<TokenCount>
  /** Tokens of a text at once and roughly, for running counts and when the worker is not worth starting. */
  estimate(model: string, text: string): number
  /** What a provider really counted for a text we estimated; later estimates for that model learn from it. */
  calibrate(model: string, estimated: number, actual: number): void
}
