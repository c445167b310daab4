// One call outside of conversations as it is accounted: budget, limits, retries and one row in the ledger, as of a turn.

import { setTimeout as delay } from 'node:timers/promises'
import { NatterError, toErrorInfo } from '../../src/protocol/errors.ts'
import type { Usage } from '../../src/protocol/stream.ts'
import type { Charge } from '../limits/budget.ts'
import { readRateHeaders } from '../limits/rate-headers.ts'
import type { AttemptFacts, TurnFacts } from '../metrics/metrics.ts'
import type { Provider, StreamOptions } from '../providers/provider.ts'
import type { Outcome } from '../store/store.ts'
import { likelyCost, refusalOf } from './charge.ts'
import { costOf } from './cost.ts'
import { callGuarded } from './guarded-call.ts'
import { priorityOf } from './lane.ts'
import { recordCall } from './record-call.ts'
import { nextStep } from './retry-policy.ts'
import type { Rooms } from './rooms.ts'
import type { SingleCaller } from './single-calls.ts'
import type { Target } from './target.ts'

const ORIGIN = 'api'

/** In tokens. */
export interface Expected {
  readonly inputTokens: number
  readonly outputTokens: number
}

export interface Single {
  readonly operation: TurnFacts['operation']
  readonly target: Target
  readonly caller: SingleCaller
  /** Of all that it asks for. */
  readonly expected: Expected
}

interface Accounted {
  readonly usage: Usage | null
}

type Ask<Answer> = (provider: Provider, options: StreamOptions) => Promise<Answer>

export interface SingleCall {
  /** Asks, and again where that makes sense. May be called several times, with what each of them is likely to use. */
  make<Answer extends Accounted>(expected: Expected, ask: Ask<Answer>): Promise<Answer>
  /**
   * What is owed for all until now, also where it fails later. Null: nobody says how much; then that share of what was
   * reserved counts as spent. Never called, nothing is owed.
   */
  bill(usage: Usage | null, share: number): void
}

/** What is known of it so far. */
interface Done {
  readonly attempts: AttemptFacts[]
  waitedMs: number
  owed: { readonly usage: Usage | null; readonly share: number } | null
}

/** Throws what `work` throws, and `over-budget` before anyone is asked. */
export async function singleCall<Answer>(
  rooms: Rooms,
  single: Single,
  work: (call: SingleCall) => Promise<Answer>,
  signal: AbortSignal,
): Promise<Answer> {
  const startedAt = rooms.now()
  const reserved = await reserve(rooms, single)
  const done: Done = { attempts: [], waitedMs: 0, owed: null }
  const call: SingleCall = {
    make: (expected, ask) => askAndRetry(rooms, { ...single, expected, ask, done }, signal),
    bill(usage, share) {
      done.owed = { usage, share }
    },
  }
  let failure: { readonly error: unknown } | null = null
  try {
    return await work(call)
  } catch (error) {
    failure = { error }
    throw error
  } finally {
    await end(rooms, { ...single, ...reserved, ...done, startedAt, outcome: outcomeOf(failure, signal) })
  }
}

function outcomeOf(failure: { readonly error: unknown } | null, { aborted, reason }: AbortSignal): Outcome {
  if (failure === null) return { type: 'completed' }
  // Whoever has left is told nothing; natterd that stops says why.
  if (aborted && !(reason instanceof NatterError)) return { type: 'cancelled' }
  return { type: 'failed', error: toErrorInfo(failure.error) }
}

interface Reserved {
  readonly charge: Charge
  /** Null: its price is unknown. */
  readonly reservedMicros: number | null
}

async function reserve(rooms: Rooms, { target, caller, expected }: Single): Promise<Reserved> {
  const { model } = target
  const costMicros = await likelyCost(rooms, model, {
    ...{ tokens: expected.inputTokens, answerTokens: expected.outputTokens },
  })
  const { deviceId, maxCostMicros } = caller
  const refused = refusalOf(rooms, { deviceId, maxCostMicros, overBudget: false }, { model, costMicros })
  if (refused !== null) throw refused
  const charge = rooms.limits.spending.reserve(costMicros, { deviceId, override: false })
  return { charge, reservedMicros: costMicros }
}

interface Ended extends Single, Reserved, Done {
  readonly startedAt: number
  readonly outcome: Outcome
}

async function end(rooms: Rooms, ended: Ended): Promise<void> {
  const { operation, target, caller, charge, owed, outcome, attempts, waitedMs, startedAt } = ended
  const { model } = target
  const usage = owed?.usage ?? null
  const costMicros = await costOf(rooms, model, usage)
  charge.settle(owed === null ? 0 : usage === null ? shareOf(ended.reservedMicros, owed.share) : costMicros)
  recordCall(rooms, {
    ...{ operation, origin: ORIGIN, deviceId: caller.deviceId, model, usage, costMicros },
    ...{ outcome, attempts, waitedMs, startedAt },
  })
}

function shareOf(micros: number | null, share: number): number | null {
  return micros === null ? null : Math.round(micros * share)
}

interface Asking<Answer> extends Single {
  readonly ask: Ask<Answer>
  readonly done: Done
}

async function askAndRetry<Answer extends Accounted>(
  rooms: Rooms,
  asking: Asking<Answer>,
  signal: AbortSignal,
): Promise<Answer> {
  for (let attempt = 1; ; attempt += 1) {
    const startedAt = rooms.now()
    const tell = (error: AttemptFacts['error']) => {
      const totalMs = rooms.now() - startedAt
      asking.done.attempts.push({ model: asking.target.model, totalMs, firstPartMs: null, error })
    }
    try {
      const answer = await askOnce(rooms, asking, signal)
      tell(null)
      return answer
    } catch (error) {
      tell(signal.aborted ? 'cancelled' : toErrorInfo(error).code)
      signal.throwIfAborted()
      const step = nextStep({ error, attempt, isShown: false, isTrimmed: true }, rooms.limits.random)
      if (step.type !== 'retry') throw error
      await delay(step.afterMs, undefined, { signal }).catch(() => signal.throwIfAborted())
    }
  }
}

function askOnce<Answer extends Accounted>(
  rooms: Rooms,
  { target, caller, expected, ask, done }: Asking<Answer>,
  signal: AbortSignal,
): Promise<Answer> {
  let usage: Usage | null = null
  return callGuarded(
    rooms,
    {
      ...{ target, priority: priorityOf(ORIGIN), ...expected },
      // Who has no conversation takes turns by who it is.
      line: caller.deviceId ?? ORIGIN,
      onWait() {},
      onTurn(waitedMs) {
        done.waitedMs += waitedMs
      },
      usage: () => usage,
    },
    async (lane) => {
      const answer = await ask(rooms.providers.provider(target.endpoint), {
        onHead: (head) => rooms.limits.limiter.observe(lane, readRateHeaders(head.headers)),
        signal,
      })
      usage = answer.usage
      return answer
    },
    signal,
  )
}
