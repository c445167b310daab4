// Which models may stand in for one that cannot be had, and what is said where nobody may decide that alone.

import { NatterError } from '../../src/protocol/errors.ts'
import type { Rooms } from './rooms.ts'
import type { TurnPlan } from './running-turn.ts'
import { resolveTarget, type Target } from './target.ts'

/** The models of the chain that can be called, in its order; none unless the conversation lets us choose. */
export async function* fallbackTargets(rooms: Rooms, plan: TurnPlan): AsyncGenerator<Target, void> {
  if (plan.fallback !== 'auto') return
  const tried = new Set([plan.target.model])
  for (const named of chainOf(rooms)) {
    try {
      const target = await resolveTarget(rooms, { named, conversation: null, environment: plan.environment })
      if (tried.has(target.model)) continue
      tried.add(target.model)
      yield target
    } catch (error) {
      if (!(error instanceof NatterError)) throw error
      rooms.log.warn({ model: named, err: error }, 'fallback model left out')
    }
  }
}

/** The failure as it is told: with the model that could answer instead, where the user wants to be asked. */
export function offerFallback(rooms: Rooms, plan: TurnPlan, failure: unknown): unknown {
  const [offered] = chainOf(rooms).filter((model) => model !== plan.target.model)
  if (plan.fallback !== 'ask' || offered === undefined || !(failure instanceof NatterError)) return failure
  return new NatterError('overloaded', failure.message, {
    hint: `Run "natter retry -m ${offered}" to ask that model instead, or allow it once and for all with "natter config set fallback.policy auto"`,
    cause: failure,
  })
}

function chainOf({ settings }: Rooms): readonly string[] {
  return settings().fallback?.models ?? []
}
