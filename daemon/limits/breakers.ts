// One breaker for each provider and key: what one model's failures say of its server holds for the others.

import { createRecent } from '../recent.ts'
import { type Breaker, type BreakerState, createBreaker } from './breaker.ts'
import { type Clock, systemClock } from './clock.ts'
import type { Lane } from './limiter.ts'

export interface BreakerStatus {
  readonly provider: string
  readonly state: BreakerState
  /** Milliseconds until one call may try; null: now. */
  readonly retryMs: number | null
}

export interface Breakers {
  of(lane: Pick<Lane, 'provider' | 'key'>): Breaker
  /** Those that anything was heard of. */
  status(): readonly BreakerStatus[]
}

/** Keys come and go; of those used longest ago nothing is known any more. */
const BREAKERS_MAX = 1_000

export function createBreakers(clock: Pick<Clock, 'now'> = systemClock): Breakers {
  const known = createRecent<string, { readonly provider: string; readonly breaker: Breaker }>(BREAKERS_MAX)
  return {
    of({ provider, key }) {
      const name = JSON.stringify([provider, key])
      const entry = known.get(name) ?? { provider, breaker: createBreaker(clock) }
      known.add(name, entry)
      return entry.breaker
    },
    status: () =>
      known.values().map(({ provider, breaker }) => {
        const at = breaker.retryAt()
        return { provider, state: breaker.state, retryMs: at === null ? null : at - clock.now() }
      }),
  }
}
