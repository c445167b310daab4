// Keeps a dead provider from multiplying traffic: after failures in a row nobody is let through for a while, then one.

import type { Clock } from './clock.ts'

export type BreakerState = 'closed' | 'open' | 'half-open'

export interface Breaker {
  readonly state: BreakerState
  /** When the next call may try, in the clock's milliseconds; null: now. */
  retryAt(): number | null
  /** A call starts. While half open, it is the one that finds out, and others are kept out until it has. */
  begin(): void
  succeeded(): void
  /** The provider's fault, as opposed to the request's; `how`, in words. */
  failed(how: string): void
  /** What the last failure said; null since a call succeeded. */
  readonly lastFailure: string | null
  /** It ended without saying anything of the provider: stopped, or refused for the request's own sake. */
  abandoned(): void
}

/** More than two turns make with all their tries. */
const FAILURES = 8
const COOL_DOWN_MS = 10_000
/** Each time that the one call fails, the pause doubles up to this. */
const COOL_DOWN_MAX_MS = 5 * 60_000

export function createBreaker(clock: Pick<Clock, 'now'>): Breaker {
  let failures = 0
  let coolDownMs = COOL_DOWN_MS
  let openUntil: number | null = null
  let isProbing = false
  let lastFailure: string | null = null
  return {
    get lastFailure() {
      return lastFailure
    },
    get state() {
      if (openUntil === null) return 'closed'
      return isProbing || clock.now() >= openUntil ? 'half-open' : 'open'
    },
    retryAt() {
      if (openUntil === null) return null
      if (isProbing) return clock.now() + COOL_DOWN_MS
      return clock.now() >= openUntil ? null : openUntil
    },
    begin() {
      if (openUntil !== null) isProbing = true
    },
    succeeded() {
      failures = 0
      coolDownMs = COOL_DOWN_MS
      openUntil = null
      isProbing = false
      lastFailure = null
    },
    failed(how) {
      failures += 1
      lastFailure = how
      if (!isProbing && failures < FAILURES) return
      if (isProbing) coolDownMs = Math.min(COOL_DOWN_MAX_MS, coolDownMs * 2)
      isProbing = false
      openUntil = clock.now() + coolDownMs
    },
    abandoned() {
      isProbing = false
    },
  }
}
