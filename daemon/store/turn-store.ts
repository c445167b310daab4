// Turns: intent is saved before effect, text as it comes, and the end as a whole.

import { NatterError } from '../../src/protocol/errors.ts'
import type { Turn } from '../../src/protocol/schema/entities.ts'
import type { ChunkBuffer } from './chunk-buffer.ts'
import { createConversation } from './conversation-store.ts'
import { endTurn } from './end-turn.ts'
import type { GroupCommit } from './group-commit.ts'
import type { Read } from './read.ts'
import { recoverTurns } from './recovery.ts'
import type { SearchIndexer } from './search-indexer.ts'
import type { TurnStart, TurnStore } from './store.ts'
import type { Tables } from './tables.ts'

export interface TurnStoreParts {
  readonly tables: Tables
  readonly group: GroupCommit
  readonly chunks: ChunkBuffer
  readonly indexer: SearchIndexer
  readonly read: Read
  /** Throws where what the disk refused before still waits: nobody pays for an answer that cannot be saved. */
  readonly assertRoom: () => void
}

export function createTurnStore(parts: TurnStoreParts): TurnStore {
  const { tables, group, chunks, indexer, read, assertRoom } = parts
  return {
    start: async (turn) => {
      assertRoom()
      return group.write('Cannot start turn', () => {
        const started = startTurn(tables, turn)
        indexer.started(turn.turnId)
        return started
      })
    },
    append: chunks.append,
    end: async (end) => {
      await group.keep('Cannot save the reply', () => {
        endTurn(tables, end)
        indexer.ended(end.turnId)
      })
      // Not before: where the end is never saved, the chunks are all that the next start can show.
      chunks.drop(end.messageId)
    },
    record: (entry) => group.keepLater('Cannot record a call', () => tables.ledger.insert(entry)),
    get: (turnId) => read(() => tables.turns.get(turnId)),
    why: (turnId) => read(() => ({ attempts: tables.attempts.of(turnId), story: tables.turns.story(turnId) })),
    find: (reference, limit) => read(() => tables.turns.find(reference.trim(), limit)),
    last: (conversationId) => read(() => tables.turns.last(conversationId)),
    openedBy: (conversationId) => read(() => tables.turns.openedBy(conversationId)),
    recover: async (at) => {
      chunks.flush()
      const messages = await group.write('Cannot end interrupted turns', () => recoverTurns(tables, at))
      await read(indexer.recover)
      return messages
    },
  }
}

function startTurn(tables: Tables, turn: TurnStart): { readonly turn: Turn; readonly created: boolean } {
  const known = tables.turns.has(turn.turnId) ? tables.turns.get(turn.turnId) : null
  if (known !== null) return { turn: known, created: false }
  if (turn.newConversation !== null) createConversation(tables, turn.newConversation)
  const title = titleOfTarget(tables, turn)
  const { turnId, conversationId, userMessageId, messageId, startedAt: createdAt } = turn
  const shared = { conversationId, turnId, createdAt }
  tables.messages.insert({
    ...shared,
    messageId: userMessageId,
    parentId: turn.parentId,
    role: 'user',
    model: null,
    parts: turn.userParts,
  })
  tables.messages.insert({
    ...shared,
    messageId,
    parentId: userMessageId,
    role: 'assistant',
    model: turn.model,
    parts: [],
  })
  const started = tables.turns.insert(turn, title)
  tables.conversations.grow(conversationId, messageId, createdAt)
  if (turn.place !== null) tables.places.use(conversationId, turn.place, createdAt)
  return { turn: started, created: true }
}

/** Of the conversation; throws where that or the parent is not there. */
function titleOfTarget(tables: Tables, { conversationId, parentId }: TurnStart): string {
  const title = tables.conversations.titleOf(conversationId)
  if (title === null) {
    throw new NatterError('not-found', `Cannot start turn: there is no conversation "${conversationId}"`)
  }
  if (parentId === null || tables.messages.conversationOf(parentId) === conversationId) return title
  throw new NatterError(
    'not-found',
    `Cannot start turn: message "${parentId}" is not in conversation "${conversationId}"`,
  )
}
