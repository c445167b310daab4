// The model that is asked for small favours: the cheapest of the same vendor that can read a conversation.

import type { CatalogueModel } from '../models/models.ts'
import type { Rooms } from './rooms.ts'
import type { Target } from './target.ts'

/** Less than that holds little of what does not fit a larger one. */
const CONTEXT_MIN = 16_000
/** Providers all of whose models are their own. */
const VENDORS: ReadonlySet<string> = new Set(['openai', 'anthropic', 'gemini', 'mistral', 'deepseek', 'xai'])
/** What goes in is so many times what comes out. */
const INPUT_SHARE = 8

/** `provider/model`; the target's own where no price is known. */
export async function cheapModel(
  { catalogue }: Pick<Rooms, 'catalogue'>,
  { model, endpoint }: Pick<Target, 'model' | 'endpoint'>,
): Promise<string> {
  // Under a vendor's name a server without a key is another one: it has not the vendor's models.
  if (endpoint.apiKey === null) return model
  const priced = (await catalogue.list())
    .filter((known) => known.provider === endpoint.provider && isOfSameVendor(known.model, model) && isFit(known))
    .map((known) => ({ model: known.model, price: priceOf(known) }))
    .filter(({ price }) => price > 0)
  const cheapest = priced.reduce<{ model: string; price: number } | null>(
    (best, next) => (best === null || next.price < best.price ? next : best),
    null,
  )
  return cheapest?.model ?? model
}

/**
 * A gateway offers models of many vendors, and small ones that summarise badly: whoever chose one vendor has chosen to
 * trust that one. Their names say whose they are: `openai/…`, or of a family as `llama-…`.
 */
function isOfSameVendor(candidate: string, chosen: string): boolean {
  const provider = chosen.slice(0, chosen.indexOf('/'))
  return VENDORS.has(provider) || familyOf(candidate) === familyOf(chosen)
}

/** Of `provider/model`. */
function familyOf(model: string): string {
  const [vendor = '', ...names] = model.slice(model.indexOf('/') + 1).split('/')
  return names.length > 0 ? vendor : (/^[a-z]+/i.exec(vendor)?.[0] ?? vendor)
}

function isFit({ input, output, contextTokens }: CatalogueModel): boolean {
  return input.includes('text') && output.includes('text') && (contextTokens ?? 0) >= CONTEXT_MIN
}

/** 0: unknown, or free, which is no price to rely on. */
function priceOf({ inputPrice, outputPrice }: CatalogueModel): number {
  return inputPrice === null || outputPrice === null ? 0 : INPUT_SHARE * inputPrice + outputPrice
}
