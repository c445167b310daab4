// One call of one model: a permit, the stream, what readers see of it, and what the limits learn from it.

import { toErrorInfo } from '../../src/protocol/errors.ts'
import type { StreamPart } from '../../src/protocol/stream.ts'
import type { Lane } from '../limits/limiter.ts'
import { readRateHeaders } from '../limits/rate-headers.ts'
import type { ProviderRequest } from '../providers/provider.ts'
import type { Parameters } from '../store/store.ts'
import { callGuarded } from './guarded-call.ts'
import { lineOf, priorityOf } from './lane.ts'
import { show } from './outlet.ts'
import type { Fitted } from './request.ts'
import type { Rooms } from './rooms.ts'
import { createRunningCost } from './running-cost.ts'
import { isStopReason, type RunningTurn, type TurnPlan } from './running-turn.ts'
import type { Target } from './target.ts'
import { tellWait } from './wait.ts'

/** Throws what the provider threw, or the reason of the turn's abort. */
export async function call(rooms: Rooms, turn: RunningTurn, target: Target, sent: Fitted): Promise<void> {
  const { plan, abort } = turn
  await callGuarded(
    rooms,
    {
      target,
      priority: priorityOf(plan.origin),
      line: lineOf(plan),
      inputTokens: sent.tokens,
      outputTokens: sent.answerTokens,
      onWait: ({ reason, position, expectedMs }) =>
        tellWait(rooms, turn, {
          reason,
          position,
          until: expectedMs === null ? null : Math.round(rooms.now() + expectedMs),
        }),
      onTurn: (waitedMs) => {
        turn.wait = null
        turn.waitedMs += waitedMs
      },
      usage: () => turn.reply.usage,
      hasAnswered: () => turn.firstPartAt !== null,
    },
    (lane) => attempt(rooms, turn, { lane, target, sent }),
    abort.signal,
  )
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
    const cost = await createRunningCost(rooms, turn, target, sent)
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
      cost?.grown(parts)
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

function toProviderRequest(plan: TurnPlan, target: Target, { messages, system }: Fitted): ProviderRequest {
  const { tools = null, responseFormat = null } = plan.brought ?? {}
  return {
    ...{ model: target.modelId, system, messages, parameters: parametersFor(target, plan) },
    ...(tools === null ? {} : { tools }),
    ...(responseFormat === null ? {} : { responseFormat }),
  }
}

/** What only one vendor knows goes to no stand-in that speaks another format: it would be refused. */
function parametersFor({ endpoint }: Target, { parameters, target }: TurnPlan): Parameters {
  const { extra, ...known } = parameters
  return extra === undefined || endpoint.format === target.endpoint.format ? parameters : known
}

/** Text, and a finish as well: an answer may be empty and complete. */
function isOutput(part: StreamPart): boolean {
  return part.type !== 'usage'
}
