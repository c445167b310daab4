// Writes the full-text index. Its text stands in other tables, so what goes in must come out again word for word.

import type Database from 'better-sqlite3'
import type { ConversationId, TurnId } from '../../src/protocol/ids.ts'

export interface SearchTable {
  /** The title of its conversation and, where it has ended, both messages; once, however often it is called. */
  addTurn(turnId: TurnId): void
  /** Turns that a kill kept out. */
  missing(): readonly TurnId[]
  addTitle(conversationId: ConversationId): void
  /** Before the title changes or goes. */
  removeTitle(conversationId: ConversationId): void
  /** Before the messages go. */
  removeMessages(conversationId: ConversationId): void
}

export function createSearchTable(database: Database.Database): SearchTable {
  // The text is that of the view, read with half the work. One of megabytes is neither sorted nor joined with nothing:
  // that took ten copies of it, and the process kept their memory.
  const addMessages = database.prepare<[TurnId]>(`
    INSERT INTO message_search (rowid, text)
    SELECT message_key, CASE
      WHEN EXISTS (SELECT 1 FROM parts WHERE parts.message_key = ended.message_key AND position > 0) THEN (
        SELECT group_concat(text, '' ORDER BY position)
        FROM parts
        WHERE parts.message_key = ended.message_key AND type = 'text'
      )
      ELSE (SELECT text FROM parts WHERE parts.message_key = ended.message_key AND position = 0 AND type = 'text')
    END
    FROM (
      SELECT message_key
      FROM turns
      JOIN messages ON messages.message_id IN (turns.user_message_id, turns.message_id)
      WHERE turns.turn_id = ? AND ended_at IS NOT NULL AND message_key NOT IN (SELECT id FROM message_search_docsize)
      ORDER BY message_key
      LIMIT 2
    ) AS ended
  `)
  const addTitleOf = database.prepare<[TurnId]>(`
    INSERT INTO title_search (rowid, title)
    SELECT conversation_key, title
    FROM turns
    JOIN conversations USING (conversation_id)
    WHERE turn_id = ? AND conversation_key NOT IN (SELECT id FROM title_search_docsize)
  `)
  const missing = database
    .prepare<[], TurnId>(`
      SELECT turns.turn_id
      FROM turns
      JOIN messages ON messages.message_id = turns.message_id
      JOIN conversations ON conversations.conversation_id = turns.conversation_id
      WHERE turn_key > (SELECT value FROM meta WHERE name = 'settled_turn') AND (
        conversation_key NOT IN (SELECT id FROM title_search_docsize) OR
        (ended_at IS NOT NULL AND message_key NOT IN (SELECT id FROM message_search_docsize))
      )
      ORDER BY turn_key
    `)
    .pluck()
  const addTitle = database.prepare<[ConversationId]>(`
    INSERT INTO title_search (rowid, title)
    SELECT conversation_key, title FROM conversations WHERE conversation_id = ?
  `)
  const removeTitle = database.prepare<[ConversationId]>(`
    INSERT INTO title_search (title_search, rowid, title)
    SELECT 'delete', conversation_key, title
    FROM conversations
    WHERE conversation_id = ? AND conversation_key IN (SELECT id FROM title_search_docsize)
  `)
  const removeMessages = database.prepare<[ConversationId]>(`
    INSERT INTO message_search (message_search, rowid, text)
    SELECT 'delete', message_key, text
    FROM searchable
    WHERE conversation_id = ? AND message_key IN (SELECT id FROM message_search_docsize)
  `)
  return {
    addTurn: (turnId) => {
      addTitleOf.run(turnId)
      addMessages.run(turnId)
    },
    missing: () => missing.all(),
    addTitle: (conversationId) => void addTitle.run(conversationId),
    removeTitle: (conversationId) => void removeTitle.run(conversationId),
    removeMessages: (conversationId) => void removeMessages.run(conversationId),
  }
}
