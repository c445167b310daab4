// Money of a turn: reserved before a model is asked by what its answer is likely to cost, settled when it has ended.

import { NatterError } from '../../src/protocol/errors.ts'
import { dollars } from '../limits/budget.ts'
import { costOf, countedUsage } from './cost.ts'
import type { Fitted } from './request.ts'
import type { Rooms } from './rooms.ts'
import type { RunningTurn, TurnPlan } from './running-turn.ts'
import type { Target } from './target.ts'

/** Throws `over-budget`, before anyone is called, where that is more than is left or than this call may cost. */
export async function reserveCharge(rooms: Rooms, turn: RunningTurn, target: Target, sent: Fitted): Promise<void> {
  const { plan } = turn
  const costMicros = await likelyCost(rooms, target.model, sent)
  const refused = tooDear(plan, target.model, costMicros)
  if (refused !== null) throw refused
  // A model before this one was not billed: it gave no answer.
  turn.charge?.settle(0)
  turn.charge = rooms.limits.spending.reserve(costMicros, { deviceId: plan.deviceId, override: plan.overBudget })
}

/** Millionths of a dollar; null: its price is unknown. */
export function likelyCost(
  rooms: Pick<Rooms, 'catalogue' | 'log'>,
  model: string,
  { tokens, answerTokens }: Pick<Fitted, 'tokens' | 'answerTokens'>,
): Promise<number | null> {
  return costOf(rooms, model, countedUsage(tokens, answerTokens))
}

export type Allowed = Pick<TurnPlan, 'deviceId' | 'overBudget' | 'maxCostMicros'>

/** What `reserveCharge` would throw; null: nothing. */
export function refusalOf(
  { limits }: Pick<Rooms, 'limits'>,
  allowed: Allowed,
  { model, costMicros }: { readonly model: string; readonly costMicros: number | null },
): NatterError | null {
  const { deviceId, overBudget } = allowed
  return tooDear(allowed, model, costMicros) ?? limits.spending.refusal(costMicros, { deviceId, override: overBudget })
}

function tooDear({ maxCostMicros }: Allowed, model: string, costMicros: number | null): NatterError | null {
  if (maxCostMicros === null) return null
  if (costMicros === null) return unpriced(model, maxCostMicros)
  if (costMicros <= maxCostMicros) return null
  return new NatterError(
    'over-budget',
    `Cannot ask ${model}: this is likely to cost ${dollars(costMicros)}, and ${dollars(maxCostMicros)} is the most that is allowed`,
    { hint: 'Raise --max-cost, ask a cheaper model with -m, or limit the answer with -o maxOutputTokens=…' },
  )
}

function unpriced(model: string, maxCostMicros: number): NatterError {
  return new NatterError(
    'over-budget',
    `Cannot ask ${model}: nobody knows what it costs, and ${dollars(maxCostMicros)} is the most that is allowed`,
    {
      hint: `Tell its price with "natter config set models.${model}.inputPrice …" and outputPrice, or leave out --max-cost`,
    },
  )
}
