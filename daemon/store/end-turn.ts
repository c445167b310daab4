// The end of a turn, as one transaction writes it.

import type { TurnEnd } from './store.ts'
import type { Tables } from './tables.ts'

/** Of a turn whose conversation was deleted only the ledger is left to write; an end counts once. */
export function endTurn(tables: Tables, end: TurnEnd): void {
  const { turnId, messageId } = end
  tables.ledger.close({ ...end, attempts: end.attempts.length })
  const messageKey = tables.messages.keyOf(messageId)
  if (messageKey === null || !tables.turns.finish(turnId, end)) return
  tables.messages.finish(messageKey, end)
  tables.chunks.deleteOf(messageKey)
  for (const attempt of end.attempts) tables.attempts.insert(turnId, attempt)
  const conversationId = tables.messages.conversationOf(messageId)
  if (conversationId !== null && end.costMicros !== null) tables.conversations.addCost(conversationId, end.costMicros)
  tables.search.addTurn(turnId)
}
