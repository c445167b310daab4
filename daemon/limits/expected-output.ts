// How long a model's answers are likely to be, learned from those it gave: what is reserved for one before it is asked.

import { createRecent } from '../recent.ts'

export interface ExpectedOutput {
  /** Tokens; `max` is the request's own limit, where it has one. */
  of(model: string, max: number | undefined): number
  learn(model: string, tokens: number): void
}

/** Before the first answer. */
const FIRST_GUESS = 500
/** Above the mean, because running out costs more than giving back. */
const MARGIN = 1.5
/** How much one answer counts against those before it. */
const WEIGHT = 0.2
/** Names of models come from outside; those asked longest ago are forgotten. */
const MODELS_MAX = 1_000

export function createExpectedOutput(): ExpectedOutput {
  const means = createRecent<string, number>(MODELS_MAX)
  return {
    of(model, max) {
      const mean = means.get(model)
      const guess = mean === undefined ? FIRST_GUESS : Math.ceil(mean * MARGIN)
      return max === undefined ? guess : Math.min(max, guess)
    },
    learn(model, tokens) {
      const mean = means.get(model)
      means.add(model, mean === undefined ? tokens : mean + WEIGHT * (tokens - mean))
    },
  }
}
