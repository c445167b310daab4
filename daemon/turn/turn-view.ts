// A running turn as `natter ps` shows it.

import type { Turn } from '../../src/protocol/schema/entities.ts'
import type { Rooms } from './rooms.ts'
import type { RunningTurn } from './running-turn.ts'

export function toTurn(
  { plan, model, status, wait, reply, firstPartAt }: RunningTurn,
  { tokens }: Pick<Rooms, 'tokens'>,
): Turn {
  const written = reply.parts.map((part) => part.text).join('')
  return {
    turnId: plan.turnId,
    conversationId: plan.conversationId,
    title: plan.title,
    userMessageId: plan.userMessageId,
    messageId: plan.messageId,
    model,
    origin: plan.origin,
    status,
    wait: wait === null ? null : { ...wait },
    outcome: null,
    finish: reply.finish === null ? null : { ...reply.finish },
    usage: reply.usage === null ? null : { ...reply.usage },
    costMicros: null,
    outputTokens: tokens.estimate(model, written),
    firstPartMs: firstPartAt === null ? null : firstPartAt - plan.startedAt,
    startedAt: plan.startedAt,
    endedAt: null,
  }
}

/** A turn that is not stored is known by its id, or the end of it, alone. */
export function isNamed({ turnId }: Turn, reference: string): boolean {
  const digits = reference.replace(/^trn_/, '')
  return turnId === reference || (/^[0-9a-f]{4,}$/.test(digits) && turnId.endsWith(digits))
}
