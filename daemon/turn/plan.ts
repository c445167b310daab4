// What a request, its conversation and the settings make together.

import { type ConversationId, createId, type DeviceId, type MessageId } from '../../src/protocol/ids.ts'
import type { Conversation } from '../../src/protocol/schema/entities.ts'
import type { RequestOf } from '../../src/protocol/schema/operations.ts'
import type { Settings } from '../settings-schema.ts'
import type { NewConversation } from '../store/store.ts'
import { mergeParameters } from './parameters.ts'
import { AUTO } from './routing.ts'
import type { Brought, TurnPlan } from './running-turn.ts'
import type { Target } from './target.ts'
import { titleOf } from './title.ts'

type StartRequest = RequestOf<'turns.start'>

export interface PlanContext {
  readonly conversationId: ConversationId
  /** Null: the turn opens its conversation. */
  readonly conversation: Conversation | null
  readonly target: Target
  readonly settings: Settings
  readonly parentId: MessageId | null
  readonly caller: Caller
  readonly now: number
}

/** Whose turn it is, and what of it no request of the API says. */
export interface Caller {
  readonly deviceId: DeviceId | null
  readonly brought: Brought | null
}

export const OWNER: Caller = { deviceId: null, brought: null }

/** The request wins over the conversation, the conversation over the settings. */
export function toPlan(request: StartRequest, context: PlanContext): TurnPlan {
  const { conversation, settings } = context
  return {
    turnId: request.turnId,
    conversationId: context.conversationId,
    userMessageId: createId('msg'),
    messageId: createId('msg'),
    title: conversation?.title ?? titleOf(request.prompt),
    prompt: request.prompt,
    system: systemOf(request, conversation, settings),
    parameters: mergeParameters(request.parameters, conversation),
    target: context.target,
    origin: request.origin,
    log: request.log ?? true,
    opens: conversation === null,
    parentId: context.parentId,
    ...context.caller,
    fallback: request.fallback ?? conversation?.fallback ?? settings.fallback?.policy ?? 'auto',
    environment: request.environment ?? {},
    cache: request.cache ?? (request.origin === 'script' && settings.cache?.scripts === true ? 'use' : 'off'),
    maxCostMicros: request.maxCostMicros ?? null,
    overBudget: request.overBudget ?? false,
    timeoutMs: request.timeoutMs ?? null,
    startedAt: context.now,
  }
}

/** The request wins; null or empty means none. */
export function systemOf(
  request: Pick<StartRequest, 'system'>,
  conversation: Conversation | null,
  settings: Settings,
): string | null {
  const system = request.system !== undefined ? request.system : (conversation?.system ?? settings.system ?? null)
  return system === '' ? null : system
}

/** A conversation remembers what was said when it was opened, not what was the default then. */
export function toNewConversation(request: StartRequest, plan: TurnPlan): NewConversation {
  return {
    conversationId: plan.conversationId,
    title: plan.title,
    // Chosen anew for each question.
    model: request.model === undefined || request.model === AUTO ? (request.model ?? null) : plan.target.model,
    system: request.system ?? null,
    parameters: request.parameters ?? {},
    fallback: request.fallback ?? null,
    createdAt: plan.startedAt,
  }
}
