// What tokens of a model cost, and usage as we count it ourselves.

import type { Usage } from '../../src/protocol/stream.ts'
import type { Rooms } from './rooms.ts'

/**
 * Millionths of a dollar; null: unknown, also where the price list cannot be read, for which no call and no answer
 * shall fail.
 */
export async function costOf(
  { catalogue, log }: Pick<Rooms, 'catalogue' | 'log'>,
  model: string,
  usage: Usage | null,
): Promise<number | null> {
  if (usage === null) return null
  try {
    return await catalogue.cost(model, usage)
  } catch (error) {
    log.warn({ model, err: error }, 'cost unknown')
    return null
  }
}

/** Of our own count: nothing is known of caches. */
export function countedUsage(inputTokens: number, outputTokens: number, reasoningTokens = 0): Usage {
  return { inputTokens, outputTokens, cachedInputTokens: 0, cacheWriteTokens: 0, reasoningTokens, estimated: true }
}
