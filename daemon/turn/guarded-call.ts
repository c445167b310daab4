// One call of a model under its limits: breaker, permit, and what both learn from how it went.

import { NatterError } from '../../src/protocol/errors.ts'
import type { Usage } from '../../src/protocol/stream.ts'
import type { Breaker } from '../limits/breaker.ts'
import type { Priority } from '../limits/fair-queue.ts'
import type { Lane, Wait } from '../limits/limiter.ts'
import { laneOf } from './lane.ts'
import { isServerTrouble } from './retry-policy.ts'
import type { Rooms } from './rooms.ts'
import type { Target } from './target.ts'

export interface GuardedCall {
  readonly target: Target
  readonly priority: Priority
  /** Lines take turns: a conversation, or a device. */
  readonly line: string
  /** What it is likely to use. */
  readonly inputTokens: number
  readonly outputTokens: number
  /** It has to wait for its turn. */
  onWait(wait: Wait): void
  /** Its turn has come, after so many milliseconds. */
  onTurn(waitedMs: number): void
  /** What it has used, once it has ended; null: unknown. */
  usage(): Usage | null
  /** Something of an answer has come: whatever broke it off then, its server answers. Absent: it comes whole or not. */
  hasAnswered?(): boolean
}

/** Throws what `make` throws, `overloaded` where the server is left alone for now, or the signal's reason. */
export async function callGuarded<Value>(
  { limits }: Pick<Rooms, 'limits'>,
  asked: GuardedCall,
  make: (lane: Lane) => Promise<Value>,
  signal: AbortSignal,
): Promise<Value> {
  const { target, priority, line, inputTokens, outputTokens, hasAnswered = () => false } = asked
  const lane = laneOf(target)
  const breaker = limits.breakers.of(lane)
  assertClosed(target, breaker, limits)
  const permit = await limits.limiter.acquire(
    { lane, priority, conversationId: line, inputTokens, outputTokens },
    { onWait: asked.onWait, signal },
  )
  asked.onTurn(permit.waitedMs)
  // While it waited, others may have found out; of those let go together only one finds out.
  if (breaker.retryAt() !== null) permit.refund()
  assertClosed(target, breaker, limits)
  breaker.begin()
  try {
    const value = await make(lane)
    breaker.succeeded()
    permit.settle(asked.usage())
    return value
  } catch (error) {
    // What was stopped, or timed out by the caller's own clock, says nothing of the server.
    if (signal.aborted || !(error instanceof NatterError)) breaker.abandoned()
    else if (isServerTrouble(error) && !hasAnswered()) breaker.failed(error.message)
    else breaker.succeeded()
    if (isFree(error, hasAnswered()) && !signal.aborted) permit.refund()
    else permit.settle(asked.usage())
    if (error instanceof NatterError && error.code === 'rate-limited') {
      limits.limiter.observe(lane, { retryAfterMs: error.retryAfterMs ?? 1_000 })
    }
    throw error
  }
}

/** Nobody waits for it here: another model may answer at once, and whoever has none shall know how long it will be. */
function assertClosed({ endpoint }: Target, breaker: Breaker, { clock }: Rooms['limits']): void {
  const retryAt = breaker.retryAt()
  if (retryAt === null) return
  const ms = Math.max(0, Math.ceil(retryAt - clock.now()))
  const how = breaker.lastFailure ?? `Cannot ask "${endpoint.provider}": its last calls all failed`
  throw new NatterError(
    'overloaded',
    `${how}; as its last calls all failed, natter leaves "${endpoint.provider}" alone for ${Math.ceil(ms / 1000)} s`,
    {
      hint: 'Wait so long, or choose another model with -m; "natter status" shows how it stands',
      retryAfterMs: ms,
      again: false,
    },
  )
}

/** The provider did nothing for it. */
function isFree(error: unknown, hasAnswered: boolean): boolean {
  return error instanceof NatterError && !hasAnswered && error.code !== 'content-filtered'
}
