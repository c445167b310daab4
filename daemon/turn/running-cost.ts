// What a running answer has cost so far: one that outgrows what was reserved for it reserves more, and ends where there is
// no more, or many answers at once would each go over the budget by as much as they were guessed too short.

import { NatterError } from '../../src/protocol/errors.ts'
import { isDelta, type StreamPart } from '../../src/protocol/stream.ts'
import { dollars } from '../limits/budget.ts'
import { costOf, countedUsage } from './cost.ts'
import type { Fitted } from './request.ts'
import type { Rooms } from './rooms.ts'
import type { RunningTurn } from './running-turn.ts'
import type { Target } from './target.ts'

export interface RunningCost {
  /** Throws `over-budget` where the answer may not go on after these. */
  grown(parts: readonly StreamPart[]): void
}

/** Text is counted in pieces of so many characters: of shorter ones the count is mostly rounding. */
const COUNTED_CHARS = 400
const MANY_TOKENS = 1_000_000

/** Null where nothing limits what it costs, or nobody knows its price. */
export async function createRunningCost(
  rooms: Rooms,
  turn: RunningTurn,
  { model }: Target,
  { tokens }: Fitted,
): Promise<RunningCost | null> {
  const { plan } = turn
  if (!isLimited(rooms, plan)) return null
  const input = await costOf(rooms, model, countedUsage(tokens, 0))
  const many = await costOf(rooms, model, countedUsage(tokens, MANY_TOKENS))
  if (input === null || many === null || many === input) return null
  const perToken = (many - input) / MANY_TOKENS
  let written = 0
  let uncounted = ''
  return {
    grown(parts) {
      for (const part of parts) if (isDelta(part)) uncounted += part.text
      if (uncounted.length < COUNTED_CHARS) return
      written += rooms.tokens.estimate(model, uncounted)
      uncounted = ''
      const cost = Math.round(input + written * perToken)
      if (plan.maxCostMicros !== null && cost > plan.maxCostMicros) throw tooLong(model, plan.maxCostMicros)
      const refusal = turn.charge?.grow(cost) ?? null
      if (refusal !== null) throw refusal
    },
  }
}

function isLimited({ limits }: Rooms, { deviceId, maxCostMicros, overBudget }: RunningTurn['plan']): boolean {
  if (maxCostMicros !== null) return true
  if (overBudget) return false
  return [null, deviceId].some((owner) => limits.spending.spent(owner).limitMicros !== null)
}

function tooLong(model: string, maxMicros: number): NatterError {
  return new NatterError(
    'over-budget',
    `Cannot finish the answer of ${model}: it has cost the ${dollars(maxMicros)} that it may`,
    { hint: 'Raise --max-cost; "natter continue" goes on with what is there' },
  )
}
