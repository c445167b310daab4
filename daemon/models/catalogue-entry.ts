// One model as the sources of the catalogue describe it, before they are laid over each other.

import type { CatalogueModel } from './models.ts'
import type { PriceBook } from './prices.ts'

type Facts = Pick<CatalogueModel, 'name' | 'contextTokens' | 'outputTokens' | 'input' | 'output' | 'reasoning'>

/** What one source says of one model; a missing field is one the source does not know. */
export interface Entry extends Partial<Facts> {
  readonly provider: string
  /** The vendor's own name of the model. */
  readonly id: string
  readonly prices?: PriceBook
  /** `YYYY-MM-DD` or `YYYY-MM`. */
  readonly released?: string
  /** False where it is no chat model or is shut down: its price stays known, nobody is offered it. */
  readonly listed?: boolean
}

/** A source of the catalogue: its models, and which of them a name means. */
export interface Source {
  readonly entries: readonly Entry[]
  find(provider: string, id: string): Entry | null
}

/** What may follow a model's name without making it another model: a date, a stage, a numbered revision. */
const SNAPSHOT_SUFFIX = /^(?:[-@](?:\d{4}-\d{2}-\d{2}|\d{8}|\d{2}-\d{4}|\d{2}-\d{2}|0\d{2}|latest|preview|exp))+$/

export function isSnapshotSuffix(rest: string): boolean {
  return rest === '' || SNAPSHOT_SUFFIX.test(rest)
}

/**
 * The names to look up, most exact first: the name itself, then without its date or revision. `latest` stays:
 * under a family's name it means whatever is newest, and that may have another price.
 */
export function lookupNames(id: string): readonly string[] {
  const bare = id.replace(/[-@](?:\d{4}-\d{2}-\d{2}|\d{8}|\d{2}-\d{4}|0\d{2})$/, '')
  return bare === id || bare === '' ? [id] : [id, bare]
}

/** A source whose models are found by name, or by the name without its snapshot. */
export function createSource(entries: readonly Entry[]): Source {
  const byName = new Map(entries.map((entry) => [`${entry.provider}/${entry.id}`, entry]))
  return {
    entries,
    find(provider, id) {
      for (const name of lookupNames(id)) {
        const entry = byName.get(`${provider}/${name}`)
        if (entry !== undefined) return entry
      }
      return null
    },
  }
}
