// Writes the full-text index. Its text stands in other tables, so what goes in must come out again word for word.

import type Database from 'better-sqlite3'
import type { ConversationId, TurnId } from '../../src/protocol/ids.ts'

export interface SearchTable {
  /** Both messages of a turn that has ended. */
  addTurn(turnId: TurnId): void
  addTitle(conversationId: ConversationId): void
  /** Before the title changes or goes. */
  removeTitle(conversationId: ConversationId): void
  /** Before the messages go. */
  removeMessages(conversationId: ConversationId): void
}

export function createSearchTable(database: Database.Database): SearchTable {
  const addTurn = database.prepare<[TurnId]>(`
    INSERT INTO message_search (rowid, text)
    SELECT searchable.message_key, searchable.text
    FROM turns
    JOIN messages ON messages.message_id IN (turns.user_message_id, turns.message_id)
    JOIN searchable ON searchable.message_key = messages.message_key
    WHERE turns.turn_id = ?
    ORDER BY messages.message_key
  `)
  const addTitle = database.prepare<[ConversationId]>(`
    INSERT INTO title_search (rowid, title)
    SELECT conversation_key, title FROM conversations WHERE conversation_id = ?
  `)
  const removeTitle = database.prepare<[ConversationId]>(`
    INSERT INTO title_search (title_search, rowid, title)
    SELECT 'delete', conversation_key, title FROM conversations WHERE conversation_id = ?
  `)
  const removeMessages = database.prepare<[ConversationId]>(`
    INSERT INTO message_search (message_search, rowid, text)
    SELECT 'delete', message_key, text FROM searchable WHERE conversation_id = ?
  `)
  return {
    addTurn: (turnId) => void addTurn.run(turnId),
    addTitle: (conversationId) => void addTitle.run(conversationId),
    removeTitle: (conversationId) => void removeTitle.run(conversationId),
    removeMessages: (conversationId) => void removeMessages.run(conversationId),
  }
}
