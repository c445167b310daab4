// Money of a turn: reserved before a model is asked by what its answer is likely to cost, settled when it has ended.

import { NatterError } from '../../src/protocol/errors.ts'
import { dollars } from '../limits/budget.ts'
import type { Fitted } from './request.ts'
import type { Rooms } from './rooms.ts'
import type { RunningTurn } from './running-turn.ts'
import type { Target } from './target.ts'

const NOTHING_CACHED = { cachedInputTokens: 0, cacheWriteTokens: 0, reasoningTokens: 0, estimated: true } as const

/** Throws `over-budget`, before anyone is called, where that is more than is left or than this call may cost. */
export async function reserveCharge(rooms: Rooms, turn: RunningTurn, target: Target, sent: Fitted): Promise<void> {
  const { plan } = turn
  const usage = { ...NOTHING_CACHED, inputTokens: sent.tokens, outputTokens: sent.answerTokens }
  // A price list that cannot be read makes the cost unknown; the call is made all the same.
  const costMicros = await rooms.catalogue.cost(target.model, usage).catch(() => null)
  if (plan.maxCostMicros !== null && costMicros !== null && costMicros > plan.maxCostMicros) {
    throw new NatterError(
      'over-budget',
      `Cannot ask ${target.model}: this is likely to cost ${dollars(costMicros)}, and may cost ${dollars(plan.maxCostMicros)}`,
      { hint: 'Raise --max-cost, ask a cheaper model with -m, or limit the answer with -o maxOutputTokens=…' },
    )
  }
  // A model before this one was not billed: it gave no answer.
  turn.charge?.settle(0)
  turn.charge = rooms.limits.spending.reserve(costMicros, { deviceId: plan.deviceId, override: plan.overBudget })
}
