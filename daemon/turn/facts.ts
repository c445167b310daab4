// What the metrics are told of a turn that has ended.

import type { TurnFacts } from '../metrics/metrics.ts'
import type { Outcome } from '../store/store.ts'
import type { RunningTurn } from './running-turn.ts'

type Ending = Pick<TurnFacts, 'usage' | 'costMicros'> & { readonly outcome: Outcome; readonly endedAt: number }

export function toFacts(
  { plan, model, attempts, cached, waitedMs, besidesMs }: RunningTurn,
  ending: Ending,
): TurnFacts {
  const { outcome, usage, costMicros, endedAt } = ending
  return {
    ...{ operation: 'chat', origin: plan.origin, model, outcome: outcome.type },
    ...{ usage, costMicros, cached, waitedMs },
    totalMs: endedAt - plan.startedAt - besidesMs,
    attempts: attempts.map(({ model, startedAt, endedAt, firstPartMs, error }, index) => ({
      ...{ model, firstPartMs },
      totalMs: endedAt - startedAt,
      // One that was stopped has no error of its own.
      error: error?.code ?? (index === attempts.length - 1 ? codeOf(outcome) : null),
    })),
  }
}

/** Null: it was answered. */
export function codeOf(outcome: Outcome): TurnFacts['attempts'][number]['error'] {
  switch (outcome.type) {
    case 'completed':
      return null
    case 'cancelled':
      return 'cancelled'
    case 'failed':
      return outcome.error.code
  }
}
