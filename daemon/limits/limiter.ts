// Who may call which model when: the interface, which a limiter that many machines share can meet as well.

import type { Priority } from './fair-queue.ts'

/** Whose limits a call counts against: vendors limit each key and model by themselves. */
export interface Lane {
  readonly provider: string
  /** A fingerprint; keys stay out of this room. Null: called without one. */
  readonly key: string | null
  /** The vendor's own name. */
  readonly model: string
}

/** All per minute but `concurrent`; null: none that we know of. */
export interface Limits {
  readonly requests: number | null
  /** Input and output together. */
  readonly tokens: number | null
  readonly inputTokens: number | null
  readonly outputTokens: number | null
  /** Calls at the same time. */
  readonly concurrent: number
}

export interface Amount {
  readonly inputTokens: number
  readonly outputTokens: number
}

export interface PermitRequest extends Amount {
  readonly lane: Lane
  readonly priority: Priority
  /** Conversations take turns. */
  readonly conversationId: string
}

/** Why somebody waits. */
export type WaitReason = 'concurrency' | 'requests' | 'tokens' | 'provider'

export interface Wait {
  /** From 1: so many have to go before it can. */
  readonly position: number
  readonly reason: WaitReason
  /** Milliseconds until its turn as it looks now; null where that depends on others' answers. */
  readonly expectedMs: number | null
}

/** The right to one call. It counts as running until it is settled. */
export interface Permit {
  /** How long it was waited for, in milliseconds. */
  readonly waitedMs: number
  /** The call has ended. `null`: it is not known what it used, so all that was reserved counts as used. */
  settle(used: Amount | null): void
  /** The call was refused before it cost anything. */
  refund(): void
}

export interface AcquireOptions {
  /** Called when it has to wait, and then whenever that looks notably different. */
  readonly onWait?: (wait: Wait) => void
  /** Its reason is what `acquire` rejects with. */
  readonly signal: AbortSignal
}

/** What an answer's head or an error said. Times in milliseconds from now. */
export interface Reading {
  readonly requests?: Gauge
  readonly tokens?: Gauge
  readonly inputTokens?: Gauge
  readonly outputTokens?: Gauge
  /** No call before that. */
  readonly retryAfterMs?: number
}

export interface Gauge {
  readonly limit: number | null
  readonly remaining: number | null
  /** Until all of it is there again, in milliseconds; absent where that was not said. */
  readonly resetMs?: number
}

export interface LaneStatus {
  readonly lane: Lane
  readonly limits: Limits
  readonly used: { readonly requests: number; readonly inputTokens: number; readonly outputTokens: number }
  readonly running: number
  readonly waiting: number
  /** Milliseconds for which the provider asked us to wait; 0: not at all. */
  readonly blockedMs: number
}

export interface Limiter {
  /** Rejects with `queue-full` where too many wait already, or with the signal's reason. */
  acquire(request: PermitRequest, options: AcquireOptions): Promise<Permit>
  /** Takes the provider's word: for its limits, for what others used, and for how long to wait. */
  observe(lane: Lane, reading: Reading): void
  status(): Promise<readonly LaneStatus[]>
}
