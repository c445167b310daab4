// A turn in the daemon's memory, from its acknowledgement to its end.

import type { ConversationId, MessageId, TurnId } from '../../src/protocol/ids.ts'
import type { ReplyState } from '../../src/protocol/stream.ts'
import type { Attempt, Origin, Parameters } from '../store/store.ts'
import type { Target } from './target.ts'

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
  readonly timeoutMs: number | null
  readonly startedAt: number
}

export interface RunningTurn {
  readonly plan: TurnPlan
  /** Aborted to stop it; the reason says why. */
  readonly abort: AbortController
  status: 'queued' | 'running'
  reply: ReplyState
  firstPartAt: number | null
  readonly attempts: Attempt[]
}

/** Why a turn is stopped on purpose. */
export type StopReason = { readonly type: 'cancelled' } | { readonly type: 'shutdown' }

export function isStopReason(reason: unknown): reason is StopReason {
  const type = (reason as { type?: unknown } | null)?.type
  return type === 'cancelled' || type === 'shutdown'
}
