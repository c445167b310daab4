// One call of a model under its limits: breaker, permit, and what both learn from how it went.

import { NatterError } from '../../src/protocol/errors.ts'
import type { Usage } from '../../src/protocol/stream.ts'
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
}

/** Throws what `make` throws, `overloaded` where the server is left alone for now, or the signal's reason. */
export async function callGuarded<Value>(
  { limits }: Pick<Rooms, 'limits'>,
  asked: GuardedCall,
  make: (lane: Lane) => Promise<Value>,
  signal: AbortSignal,
): Promise<Value> {
  const { target, priority, line, inputTokens, outputTokens } = asked
  const lane = laneOf(target)
  const breaker = limits.breakers.of(lane)
  assertClosed(target, breaker.retryAt(), limits)
  const permit = await limits.limiter.acquire(
    { lane, priority, conversationId: line, inputTokens, outputTokens },
    { onWait: asked.onWait, signal },
  )
  asked.onTurn(permit.waitedMs)
  // While it waited, others may have found out; of those let go together only one finds out.
  const closedAgain = breaker.retryAt()
  if (closedAgain !== null) permit.refund()
  assertClosed(target, closedAgain, limits)
  breaker.begin()
  try {
    const value = await make(lane)
    breaker.succeeded()
    permit.settle(asked.usage())
    return value
  } catch (error) {
    // What was stopped, or timed out by the caller's own clock, says nothing of the server.
    if (signal.aborted) breaker.abandoned()
    else if (isServerTrouble(error)) breaker.failed()
    else if (error instanceof NatterError) breaker.succeeded()
    else breaker.abandoned()
    if (isRefusal(error)) permit.refund()
    else permit.settle(asked.usage())
    if (error instanceof NatterError && error.code === 'rate-limited') {
      limits.limiter.observe(lane, { retryAfterMs: error.retryAfterMs ?? 1_000 })
    }
    throw error
  }
}

function assertClosed({ endpoint }: Target, retryAt: number | null, { clock }: Rooms['limits']): void {
  if (retryAt === null) return
  const ms = Math.max(0, Math.ceil(retryAt - clock.now()))
  throw new NatterError(
    'overloaded',
    `Cannot ask "${endpoint.provider}": its last calls all failed, so it is left alone for ${Math.ceil(ms / 1000)} s`,
    { hint: 'Run "natter status" to see how it stands, or choose another model with -m', retryAfterMs: ms },
  )
}

/** The provider did nothing for it. */
function isRefusal(error: unknown): boolean {
  if (!(error instanceof NatterError)) return false
  return !isServerTrouble(error) && error.code !== 'content-filtered'
}
