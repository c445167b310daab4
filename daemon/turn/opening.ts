// What happens before a turn is acknowledged: its conversation is looked up, its question saved, and all are told of it.

import { NatterError } from '../../src/protocol/errors.ts'
import type { Conversation, Turn } from '../../src/protocol/schema/entities.ts'
import type { RequestOf } from '../../src/protocol/schema/operations.ts'
import { toNewConversation } from './plan.ts'
import type { Rooms } from './rooms.ts'
import type { TurnPlan } from './running-turn.ts'

type StartRequest = RequestOf<'turns.start'>

/** Null: the turn opens one. */
export async function conversationOf({ store }: Rooms, request: StartRequest): Promise<Conversation | null> {
  if (request.conversationId === undefined) return null
  const conversation = await store.conversations.get(request.conversationId)
  if (conversation !== null) return conversation
  throw new NatterError('not-found', `Cannot continue conversation "${request.conversationId}": it does not exist`, {
    hint: 'Run "natter history list"',
  })
}

/** The turn that already has this id; null where it is new and saved now. */
export async function saveStart({ store }: Rooms, request: StartRequest, plan: TurnPlan): Promise<Turn | null> {
  const { turn, created } = await store.turns.start({
    turnId: plan.turnId,
    conversationId: plan.conversationId,
    newConversation: plan.opens ? toNewConversation(request, plan) : null,
    parentId: plan.parentId,
    userMessageId: plan.userMessageId,
    messageId: plan.messageId,
    userParts: [{ type: 'text', text: plan.prompt }],
    model: plan.target.model,
    origin: plan.origin,
    deviceId: plan.deviceId,
    place: request.place ?? null,
    startedAt: plan.startedAt,
  })
  return created ? null : turn
}

export async function announce({ hub }: Rooms, plan: TurnPlan): Promise<void> {
  const { conversationId, turnId } = plan
  if (plan.opens && plan.log) {
    await hub.publish({ type: 'conversation', conversationId, change: 'created', title: plan.title })
  }
  await hub.publish({
    type: 'turn-start',
    conversationId,
    turnId,
    messageId: plan.messageId,
    userMessageId: plan.userMessageId,
    model: plan.target.model,
    origin: plan.origin,
  })
}
