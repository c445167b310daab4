// A turn in the daemon's memory, from its acknowledgement to its end.

import type { ConversationId, DeviceId, MessageId, TurnId } from '../../src/protocol/ids.ts'
import type { ProviderEnvironment } from '../../src/protocol/schema/environment.ts'
import { EMPTY_REPLY, type ReplyState } from '../../src/protocol/stream.ts'
import type { Charge } from '../limits/budget.ts'
import type { ProviderMessage, ResponseFormat, ToolSettings } from '../providers/provider.ts'
import type { Attempt, Origin, Parameters } from '../store/store.ts'
import type { Fitted } from './request.ts'
import type { Target } from './target.ts'
import type { Wait } from './wait.ts'

export type FallbackPolicy = 'never' | 'ask' | 'auto'

/** A client of another API keeps the conversation itself, and sends all of it with each question. */
export interface Brought {
  /** Oldest first; the last one is the user's. */
  readonly messages: readonly ProviderMessage[]
  /** Null: the model may call nothing. */
  readonly tools: ToolSettings | null
  /** Null: text as it likes. */
  readonly responseFormat: ResponseFormat | null
  /** Where they do not fit the model: `auto` leaves out the oldest, `refuse`, as where it is absent, asks nobody. */
  readonly truncation?: 'auto' | 'refuse'
}

export interface TurnPlan {
  readonly turnId: TurnId
  readonly conversationId: ConversationId
  readonly userMessageId: MessageId
  readonly messageId: MessageId
  readonly title: string
  readonly prompt: string
  readonly system: string | null
  readonly parameters: Parameters
  readonly target: Target
  readonly origin: Origin
  /** False: lives in memory only. */
  readonly log: boolean
  /** It is the first of its conversation. */
  readonly opens: boolean
  /** What it answers to; null: it stands at the beginning. */
  readonly parentId: MessageId | null
  /** What its caller sends in place of the conversation; null: what is stored is sent. */
  readonly brought: Brought | null
  /** Null: the owner. */
  readonly deviceId: DeviceId | null
  /** What may answer in its place. */
  readonly fallback: FallbackPolicy
  /** Of the caller's shell; it leaves memory with the turn. */
  readonly environment: ProviderEnvironment
  readonly cache: 'off' | 'use' | 'refresh'
  /** Millionths of a dollar that it may cost; null: whatever the budget has left. */
  readonly maxCostMicros: number | null
  /** The owner lets it go over the budget. */
  readonly overBudget: boolean
  readonly timeoutMs: number | null
  readonly startedAt: number
}

export interface RunningTurn {
  readonly plan: TurnPlan
  /** Aborted to stop it; the reason says why. */
  readonly abort: AbortController
  status: 'queued' | 'running'
  reply: ReplyState
  /** The one that answers, `provider/model`: the plan's, or one that stands in for it. */
  model: string
  /** Null while it does not wait. */
  wait: Wait | null
  /** For its turn among others, in milliseconds. */
  waitedMs: number
  /** For calls besides its own, in milliseconds. */
  besidesMs: number
  /** What of the conversation the model was last sent; null before that. */
  sent: Fitted | null
  /** Set where an answer was given again. */
  cached: { readonly createdAt: number; readonly savedMicros: number | null } | null
  /** What is reserved for it; null before that. */
  charge: Charge | null
  firstPartAt: number | null
  readonly attempts: Attempt[]
  /** What the user should know besides. */
  readonly notes: string[]
}

export function toRunningTurn(plan: TurnPlan): RunningTurn {
  return {
    plan,
    abort: new AbortController(),
    status: 'queued',
    reply: EMPTY_REPLY,
    model: plan.target.model,
    wait: null,
    ...{ waitedMs: 0, besidesMs: 0 },
    sent: null,
    cached: null,
    charge: null,
    firstPartAt: null,
    attempts: [],
    notes: plan.target.notice === null ? [] : [plan.target.notice],
  }
}

/** Why a turn is stopped on purpose. */
export type StopReason = { readonly type: 'cancelled' } | { readonly type: 'shutdown' }

export function isStopReason(reason: unknown): reason is StopReason {
  const type = (reason as { type?: unknown } | null)?.type
  return type === 'cancelled' || type === 'shutdown'
}
