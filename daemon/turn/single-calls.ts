// Calls that are answered at once and in one piece, outside of conversations: vectors and pictures of an OpenAI client.

import { setTimeout as delay } from 'node:timers/promises'
import { toErrorInfo } from '../../src/protocol/errors.ts'
import { createId, type DeviceId } from '../../src/protocol/ids.ts'
import type { Usage } from '../../src/protocol/stream.ts'
import type { Charge } from '../limits/budget.ts'
import { readRateHeaders } from '../limits/rate-headers.ts'
import type { TurnFacts } from '../metrics/metrics.ts'
import type { EmbeddingRequest, ImageAnswer, ImageRequest, Provider, StreamOptions } from '../providers/provider.ts'
import type { Outcome } from '../store/store.ts'
import { codeOf } from './facts.ts'
import { callGuarded } from './guarded-call.ts'
import { priorityOf } from './lane.ts'
import { nextStep } from './retry-policy.ts'
import type { Rooms } from './rooms.ts'
import { resolveTarget, type Target } from './target.ts'

/** Null: the owner. */
export interface SingleCaller {
  readonly deviceId: DeviceId | null
}

export interface SingleAnswer<Value> {
  readonly value: Value
  /** The model that answered, `provider/model`. */
  readonly model: string
  readonly usage: Usage | null
}

/** `model` is as users name it. All throw NatterErrors; an abort throws the signal's reason. */
export interface SingleCalls {
  embed(
    request: EmbeddingRequest,
    caller: SingleCaller,
    signal: AbortSignal,
  ): Promise<SingleAnswer<readonly (readonly number[])[]>>
  draw(request: ImageRequest, caller: SingleCaller, signal: AbortSignal): Promise<SingleAnswer<ImageAnswer['images']>>
}

const ORIGIN = 'api'

export function createSingleCalls(rooms: Rooms): SingleCalls {
  return {
    async embed(request, caller, signal) {
      const target = await targetOf(rooms, request.model)
      const inputTokens = request.input.reduce((sum, text) => sum + rooms.tokens.estimate(target.model, text), 0)
      const answer = await callOnce(
        rooms,
        {
          ...{ operation: 'embeddings', target, caller, inputTokens, outputTokens: 0 },
          make: (provider, options) => provider.embed({ ...request, model: target.modelId }, options),
        },
        signal,
      )
      return { value: answer.vectors, model: target.model, usage: answer.usage }
    },
    async draw(request, caller, signal) {
      const target = await targetOf(rooms, request.model)
      const answer = await callOnce(
        rooms,
        {
          ...{ operation: 'generate_content', target, caller },
          inputTokens: rooms.tokens.estimate(target.model, request.prompt),
          outputTokens: rooms.limits.outputs.of(target.model, undefined) * request.count,
          make: (provider, options) => provider.drawImages({ ...request, model: target.modelId }, options),
        },
        signal,
      )
      return { value: answer.images, model: target.model, usage: answer.usage }
    },
  }
}

/** No other model may stand in: its vectors and its pictures are not these. */
function targetOf(rooms: Rooms, named: string): Promise<Target> {
  return resolveTarget(rooms, { named, conversation: null, environment: {} })
}

interface Once<Answer> {
  readonly operation: TurnFacts['operation']
  readonly target: Target
  readonly caller: SingleCaller
  readonly inputTokens: number
  readonly outputTokens: number
  make(provider: Provider, options: StreamOptions): Promise<Answer>
}

interface Accounted {
  readonly usage: Usage | null
}

/** Budget, limits, retries and ledger, as of a turn. */
async function callOnce<Answer extends Accounted>(
  rooms: Rooms,
  once: Once<Answer>,
  signal: AbortSignal,
): Promise<Answer> {
  const startedAt = rooms.now()
  const charge = await reserve(rooms, once)
  let attempts = 0
  let usage: Usage | null = null
  try {
    for (;;) {
      attempts += 1
      try {
        const answer = await attempt(rooms, once, signal)
        usage = answer.usage ?? guessOf(once)
        end({ type: 'completed' }, await costOf(rooms, once.target, usage))
        return answer
      } catch (error) {
        signal.throwIfAborted()
        const failed = { error, attempt: attempts, isShown: false, isTrimmed: true }
        const step = nextStep(failed, rooms.limits.random)
        if (step.type !== 'retry') throw error
        await delay(step.afterMs, undefined, { signal }).catch(() => signal.throwIfAborted())
      }
    }
  } catch (error) {
    end(signal.aborted ? { type: 'cancelled' } : { type: 'failed', error: toErrorInfo(error) }, 0)
    throw error
  }

  function end(outcome: Outcome, costMicros: number | null): void {
    charge.settle(costMicros)
    const { model } = once.target
    if (usage !== null) rooms.limits.outputs.learn(model, usage.outputTokens)
    const row = { ...({ turnId: createId('trn'), deviceId: once.caller.deviceId, origin: ORIGIN } as const), model }
    const money = { usage, costMicros: usage === null ? null : costMicros }
    const endedAt = rooms.now()
    rooms.store.turns.record({ ...row, ...money, outcome, attempts, startedAt, endedAt })
    rooms.metrics.turnEnded({
      ...{ operation: once.operation, origin: ORIGIN, model, outcome: outcome.type, ...money },
      ...{ cached: null, waitedMs: 0, totalMs: endedAt - startedAt },
      attempts: [{ model, totalMs: endedAt - startedAt, firstPartMs: null, error: codeOf(outcome) }],
    })
  }
}

function attempt<Answer extends Accounted>(rooms: Rooms, once: Once<Answer>, signal: AbortSignal): Promise<Answer> {
  const { target, caller, inputTokens, outputTokens } = once
  let usage: Usage | null = null
  return callGuarded(
    rooms,
    {
      ...{ target, priority: priorityOf(ORIGIN), inputTokens, outputTokens },
      // Who has no conversation takes turns by who it is.
      conversationId: caller.deviceId ?? ORIGIN,
      onWait() {},
      onTurn() {},
      usage: () => usage,
    },
    async (lane) => {
      const answer = await once.make(rooms.providers.provider(target.endpoint), {
        onHead: (head) => rooms.limits.limiter.observe(lane, readRateHeaders(head.headers)),
        signal,
      })
      usage = answer.usage
      return answer
    },
    signal,
  )
}

async function reserve(rooms: Rooms, { target, caller, ...expected }: Once<unknown>): Promise<Charge> {
  const costMicros = await costOf(rooms, target, guessOf(expected))
  return rooms.limits.spending.reserve(costMicros, { deviceId: caller.deviceId, override: false })
}

/** A price list that cannot be read makes the cost unknown; the call is made all the same. */
function costOf({ catalogue }: Rooms, { model }: Target, usage: Usage): Promise<number | null> {
  return catalogue.cost(model, usage).catch(() => null)
}

function guessOf({ inputTokens, outputTokens }: Pick<Once<unknown>, 'inputTokens' | 'outputTokens'>): Usage {
  const nothing = { cachedInputTokens: 0, cacheWriteTokens: 0, reasoningTokens: 0 }
  return { inputTokens, outputTokens, ...nothing, estimated: true }
}
