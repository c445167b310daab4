// The model of a new turn: the one that is named, the conversation's, the default, or what `auto` chooses.

import type { Conversation } from '../../src/protocol/schema/entities.ts'
import type { RequestOf } from '../../src/protocol/schema/operations.ts'
import type { Rooms } from './rooms.ts'
import { AUTO, route } from './routing.ts'
import { chooseModel, resolveTarget, type Target, type TargetRequest } from './target.ts'

type Asked = Pick<RequestOf<'turns.start'>, 'model' | 'prompt' | 'environment'>

export async function chooseTarget(rooms: Rooms, asked: Asked, conversation: Conversation | null): Promise<Target> {
  const { why, ...request } = toTargetRequest(rooms, asked, conversation)
  const target = await resolveTarget(rooms, request)
  return why === null ? target : { ...target, notice: `auto chose ${target.model}: ${why}` }
}

/** Its name alone, which needs no key. */
export async function chooseName(rooms: Rooms, asked: Asked, conversation: Conversation | null): Promise<string> {
  return (await chooseNamed(rooms, asked, conversation)).model
}

/** Its name, and why that one where it may surprise. */
export async function chooseNamed(
  rooms: Rooms,
  asked: Asked,
  conversation: Conversation | null,
): Promise<Pick<Target, 'model' | 'notice'>> {
  const { why, ...request } = toTargetRequest(rooms, asked, conversation)
  const { model, notice } = await chooseModel(rooms, request)
  return { model, notice: why === null ? notice : `auto chose ${model}: ${why}` }
}

/** `why`: of what `auto` chose; null: it did not choose. */
function toTargetRequest(
  rooms: Rooms,
  asked: Asked,
  conversation: Conversation | null,
): TargetRequest & { readonly why: string | null } {
  const { model: byDefault, routing } = rooms.settings()
  const environment = asked.environment ?? {}
  const named = asked.model ?? null
  const ofConversation = conversation?.model ?? null
  if ((named ?? ofConversation ?? byDefault) !== AUTO) {
    return { named, conversation: ofConversation, environment, why: null }
  }
  const { model, why } = route(routing, { prompt: asked.prompt, attachments: 0, budgetLeft: budgetLeft(rooms) })
  return { named: model, conversation: null, environment, why }
}

/** From 0 to 1, below where more is spent; null where there is no budget. */
function budgetLeft({ limits }: Rooms): number | null {
  const { spentMicros, limitMicros } = limits.spending.spent(null)
  return limitMicros === null || limitMicros === 0 ? null : 1 - spentMicros / limitMicros
}
