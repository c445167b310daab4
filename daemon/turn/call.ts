// One call of one model: a permit, the stream, what readers see of it, and what the limits learn from it.

import { NatterError, toErrorInfo } from '../../src/protocol/errors.ts'
import type { StreamPart } from '../../src/protocol/stream.ts'
import type { Lane, Permit } from '../limits/limiter.ts'
import { readRateHeaders } from '../limits/rate-headers.ts'
import type { ProviderRequest } from '../providers/provider.ts'
import { laneOf, priorityOf } from './lane.ts'
import { show } from './outlet.ts'
import type { Fitted } from './request.ts'
import { isServerTrouble } from './retry-policy.ts'
import type { Rooms } from './rooms.ts'
import { isStopReason, type RunningTurn, type TurnPlan } from './running-turn.ts'
import type { Target } from './target.ts'
import { tellWait } from './wait.ts'

/** Throws what the provider threw, or the reason of the turn's abort. */
export async function call(rooms: Rooms, turn: RunningTurn, target: Target, sent: Fitted): Promise<void> {
  const lane = laneOf(target)
  const breaker = rooms.limits.breakers.of(lane)
  assertClosed(target, breaker.retryAt(), rooms)
  const permit = await acquire(rooms, turn, lane, sent)
  // While it waited, others may have found out; of those let go together only one finds out.
  const closedAgain = breaker.retryAt()
  if (closedAgain !== null) permit.refund()
  assertClosed(target, closedAgain, rooms)
  breaker.begin()
  try {
    await attempt(rooms, turn, { lane, target, sent })
    breaker.succeeded()
    permit.settle(turn.reply.usage)
  } catch (error) {
    // What was stopped, or timed out by the caller's own clock, says nothing of the server.
    if (turn.abort.signal.aborted) breaker.abandoned()
    else if (isServerTrouble(error)) breaker.failed()
    else if (error instanceof NatterError) breaker.succeeded()
    else breaker.abandoned()
    if (isRefusal(error)) permit.refund()
    else permit.settle(turn.reply.usage)
    if (error instanceof NatterError && error.code === 'rate-limited') {
      rooms.limits.limiter.observe(lane, { retryAfterMs: error.retryAfterMs ?? 1_000 })
    }
    throw error
  }
}

function assertClosed({ endpoint }: Target, retryAt: number | null, rooms: Rooms): void {
  if (retryAt === null) return
  const ms = Math.max(0, Math.ceil(retryAt - rooms.limits.clock.now()))
  throw new NatterError(
    'overloaded',
    `Cannot ask "${endpoint.provider}": its last calls all failed, so it is left alone for ${Math.ceil(ms / 1000)} s`,
    { hint: 'Run "natter status" to see how it stands, or choose another model with -m', retryAfterMs: ms },
  )
}

async function acquire({ limits, hub, now }: Rooms, turn: RunningTurn, lane: Lane, sent: Fitted): Promise<Permit> {
  const { plan, abort } = turn
  const permit = await limits.limiter.acquire(
    {
      lane,
      priority: priorityOf(plan.origin),
      conversationId: plan.conversationId,
      inputTokens: sent.tokens,
      outputTokens: sent.answerTokens,
    },
    {
      onWait: ({ reason, position, expectedMs }) =>
        tellWait({ hub }, turn, {
          reason,
          position,
          until: expectedMs === null ? null : Math.round(now() + expectedMs),
        }),
      signal: abort.signal,
    },
  )
  turn.wait = null
  turn.waitedMs += permit.waitedMs
  return permit
}

interface Attempted {
  readonly lane: Lane
  readonly target: Target
  readonly sent: Fitted
}

async function attempt(rooms: Rooms, turn: RunningTurn, { lane, target, sent }: Attempted): Promise<void> {
  const { plan, abort } = turn
  const startedAt = rooms.now()
  let requestId: string | null = null
  let failure: unknown = null
  // What an answer begins with before it says anything: a failure after it may still be answered by another call.
  let held: StreamPart[] = []
  try {
    const stream = rooms.providers.provider(target.endpoint).stream(toProviderRequest(plan, target, sent), {
      onHead: (head) => {
        requestId = head.requestId
        rooms.limits.limiter.observe(lane, readRateHeaders(head.headers))
      },
      signal: abort.signal,
    })
    for await (const parts of stream) {
      if (turn.firstPartAt === null && !parts.some(isOutput)) {
        held.push(...parts)
        continue
      }
      turn.firstPartAt ??= rooms.now()
      await show(rooms, turn, held.length === 0 ? parts : [...held, ...parts])
      held = []
    }
    await show(rooms, turn, held)
  } catch (error) {
    failure = abort.signal.aborted ? abort.signal.reason : error
    throw failure
  } finally {
    turn.attempts.push({
      number: turn.attempts.length + 1,
      model: target.model,
      startedAt,
      firstPartMs: turn.firstPartAt === null ? null : turn.firstPartAt - startedAt,
      endedAt: rooms.now(),
      error: failure === null || isStopReason(failure) ? null : toErrorInfo(failure),
      requestId,
    })
  }
}

function toProviderRequest(plan: TurnPlan, { modelId }: Target, { messages }: Fitted): ProviderRequest {
  const { tools = null, responseFormat = null } = plan.brought ?? {}
  return {
    ...{ model: modelId, system: plan.system, messages, parameters: plan.parameters },
    ...(tools === null ? {} : { tools }),
    ...(responseFormat === null ? {} : { responseFormat }),
  }
}

/** Text, and a finish as well: an answer may be empty and complete. */
function isOutput(part: StreamPart): boolean {
  return part.type !== 'usage'
}

/** The provider did nothing for it. */
function isRefusal(error: unknown): boolean {
  if (!(error instanceof NatterError)) return false
  return !isServerTrouble(error) && error.code !== 'content-filtered'
}
