// The model that is asked for small favours: the cheapest of the same provider that can read a conversation.

import type { CatalogueModel } from '../models/models.ts'
import type { Rooms } from './rooms.ts'
import type { Target } from './target.ts'

/** Less than that holds little of what does not fit a larger one. */
const CONTEXT_MIN = 16_000
/** What goes in is so many times what comes out. */
const INPUT_SHARE = 8

/** `provider/model`; the target's own where no price is known. */
export async function cheapModel(
  { catalogue }: Pick<Rooms, 'catalogue'>,
  { model, endpoint }: Pick<Target, 'model' | 'endpoint'>,
): Promise<string> {
  const priced = (await catalogue.list())
    .filter((known) => known.provider === endpoint.provider && isFit(known))
    .map((known) => ({ model: known.model, price: priceOf(known) }))
    .filter(({ price }) => price > 0)
  const cheapest = priced.reduce<{ model: string; price: number } | null>(
    (best, next) => (best === null || next.price < best.price ? next : best),
    null,
  )
  return cheapest?.model ?? model
}

function isFit({ input, output, contextTokens }: CatalogueModel): boolean {
  return input.includes('text') && output.includes('text') && (contextTokens ?? 0) >= CONTEXT_MIN
}

/** 0: unknown, or free, which is no price to rely on. */
function priceOf({ inputPrice, outputPrice }: CatalogueModel): number {
  return inputPrice === null || outputPrice === null ? 0 : INPUT_SHARE * inputPrice + outputPrice
}
