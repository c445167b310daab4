// After a kill: what was being written is ended with the text that was saved.

import type { ErrorInfo } from '../../src/protocol/errors.ts'
import type { Message } from '../../src/protocol/schema/entities.ts'
import type { MessagePart, Usage } from '../../src/protocol/stream.ts'
import { endTurn } from './end-turn.ts'
import type { Tables } from './tables.ts'
import type { OpenTurn } from './turn-table.ts'

const INTERRUPTED: ErrorInfo = {
  code: 'interrupted',
  message: 'The reply was cut off: natterd ended while it was being written',
  hint: 'Ask for the rest, or ask again',
}

/** What a text of any language takes at least, about; a tokenizer would hold up the start. */
const CHARACTERS_PER_TOKEN = 4
/** The newest messages of the branch: about what was sent. */
const SENT_MESSAGES = 100

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
  const unknown = { finish: null, costMicros: null, firstPartMs: null }
  const usage = parts.length === 0 ? null : likelyUsage(tables, turn, parts)
  endTurn(tables, { ...turn, ...unknown, usage, parts, outcome, attempts: [], story: null, endedAt: at })
  return tables.messages.get(turn.messageId)
}

/** A model that has begun to answer is billed, though nobody was left to hear for how much. */
function likelyUsage(tables: Tables, { messageId }: OpenTurn, parts: readonly MessagePart[]): Usage {
  // The reply itself has no parts yet.
  const sent = tables.messages.branch(messageId, SENT_MESSAGES).flatMap((message) => message.parts)
  const reasoning = parts.filter((part) => part.type === 'reasoning')
  return {
    ...{ inputTokens: tokensOf(sent), outputTokens: tokensOf(parts), reasoningTokens: tokensOf(reasoning) },
    ...{ cachedInputTokens: 0, cacheWriteTokens: 0, estimated: true },
  }
}

function tokensOf(parts: readonly MessagePart[]): number {
  return Math.ceil(parts.reduce((sum, part) => sum + part.text.length, 0) / CHARACTERS_PER_TOKEN)
}
