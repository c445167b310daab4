// The end of a turn, as one transaction writes it.

import type { TurnEnd } from './store.ts'
import type { Tables } from './tables.ts'

/** Of a turn whose conversation was deleted only the ledger is left to write; an end counts once. */
export function endTurn(tables: Tables, end: TurnEnd): void {
  const { turnId, messageId, costMicros, usage } = end
  const call = { ...end, attempts: end.attempts.length }
  const turn = tables.turns.finish(turnId, end)
  const messageKey = turn === null ? null : tables.messages.keyOf(messageId)
  if (turn === null || messageKey === null) {
    tables.ledger.close(call)
    return
  }
  tables.ledger.insert({ ...call, ...turn })
  tables.messages.finish(messageKey, end)
  tables.chunks.deleteOf(messageKey)
  for (const attempt of end.attempts) tables.attempts.insert(turnId, attempt)
  // Where nothing was used there is nothing to price.
  const isPriced = costMicros !== null && costMicros > 0
  const isUnpriced = costMicros === null && usage !== null
  if (isPriced || isUnpriced) tables.conversations.addCost(turn.conversationId, costMicros)
}
