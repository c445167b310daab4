// The room of limits: what a call asks before it is made.

import type { Breakers } from './breakers.ts'
import { createBreakers } from './breakers.ts'
import { createSpending, type Spending, type SpendingOptions } from './budget.ts'
import { type Clock, systemClock } from './clock.ts'
import { createExpectedOutput, type ExpectedOutput } from './expected-output.ts'
import type { Lane, Limiter, Limits } from './limiter.ts'
import { createMemoryLimiter } from './memory-limiter.ts'

export interface LimitsRoom {
  readonly limiter: Limiter
  readonly breakers: Breakers
  readonly outputs: ExpectedOutput
  readonly spending: Spending
  readonly clock: Pick<Clock, 'now'>
  /** From 0 to 1: spreads those who failed together. */
  readonly random: () => number
}

export interface LimitsOptions {
  readonly limitsOf: (lane: Lane) => Limits
  readonly budget: SpendingOptions
  readonly clock?: Clock
  readonly random?: () => number
}

export function createLimits({
  limitsOf,
  budget,
  clock = systemClock,
  random = Math.random,
}: LimitsOptions): LimitsRoom {
  return {
    limiter: createMemoryLimiter({ limitsOf, clock }),
    breakers: createBreakers(clock),
    outputs: createExpectedOutput(),
    spending: createSpending(budget),
    clock,
    random,
  }
}
