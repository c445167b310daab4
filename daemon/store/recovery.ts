// After a kill: what was being written is ended with the text that was saved.

import type { ErrorInfo } from '../../src/protocol/errors.ts'
import type { Message } from '../../src/protocol/schema/entities.ts'
import { endTurn } from './end-turn.ts'
import type { Tables } from './tables.ts'
import type { OpenTurn } from './turn-table.ts'

const INTERRUPTED: ErrorInfo = {
  code: 'interrupted',
  message: 'The reply was cut off: natterd ended while it was being written',
  hint: 'Ask for the rest, or ask again',
}

/** Within a transaction. Answers the messages it ended. */
export function recoverTurns(tables: Tables, at: number): readonly Message[] {
  const recovered = tables.turns.open().map((turn) => endInterrupted(tables, turn, at))
  tables.ledger.closeOrphans(INTERRUPTED.code, at)
  return recovered.filter((message) => message !== null)
}

function endInterrupted(tables: Tables, turn: OpenTurn, at: number): Message | null {
  const messageKey = tables.messages.keyOf(turn.messageId)
  const outcome = { type: 'failed', error: INTERRUPTED } as const
  const parts = messageKey === null ? [] : tables.chunks.folded(messageKey)
  const unknown = { finish: null, usage: null, costMicros: null, firstPartMs: null }
  endTurn(tables, { ...turn, ...unknown, parts, outcome, attempts: [], story: null, endedAt: at })
  return tables.messages.get(turn.messageId)
}
