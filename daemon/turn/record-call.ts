// A call besides those of turns, as the ledger and the metrics keep it.

import { createId, type DeviceId } from '../../src/protocol/ids.ts'
import type { AttemptFacts, TurnFacts } from '../metrics/metrics.ts'
import type { Outcome } from '../store/store.ts'
import type { Rooms } from './rooms.ts'

export interface EndedCall
  extends Pick<TurnFacts, 'operation' | 'within' | 'origin' | 'model' | 'usage' | 'costMicros' | 'waitedMs'> {
  readonly deviceId: DeviceId | null
  readonly outcome: Outcome
  readonly attempts: readonly AttemptFacts[]
  readonly startedAt: number
}

/** Once for each call: a second time would be a second row. */
export function recordCall({ store, metrics, now }: Pick<Rooms, 'store' | 'metrics' | 'now'>, call: EndedCall): void {
  const { deviceId, outcome, attempts, startedAt, ...facts } = call
  const { origin, model, usage, costMicros } = facts
  const endedAt = now()
  store.turns.record({
    ...{ turnId: createId('trn'), deviceId, origin, model, usage, costMicros, outcome },
    ...{ attempts: attempts.length, startedAt, endedAt },
  })
  metrics.turnEnded({ ...facts, outcome: outcome.type, cached: null, totalMs: endedAt - startedAt, attempts })
}
