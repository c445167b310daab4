// Where each conversation was last used.

import type Database from 'better-sqlite3'
import type { ConversationId } from '../../src/protocol/ids.ts'
import type { Place } from './store.ts'

export interface PlaceTable {
  use(conversationId: ConversationId, place: Place, at: number): void
  latestAt(kind: 'terminal' | 'directory', name: string): ConversationId | null
}

export function createPlaceTable(database: Database.Database): PlaceTable {
  const upsert = database.prepare<[string, string, ConversationId, number]>(`
    INSERT INTO places (kind, name, conversation_id, used_at) VALUES (?, ?, ?, ?)
    ON CONFLICT (kind, name, conversation_id) DO UPDATE SET used_at = excluded.used_at
  `)
  const latest = database.prepare<[string, string], { readonly conversation_id: ConversationId }>(`
    SELECT conversation_id FROM places
    JOIN conversations USING (conversation_id)
    WHERE kind = ? AND name = ?
    ORDER BY places.used_at DESC, conversations.used_at DESC
    LIMIT 1
  `)
  return {
    use: (conversationId, place, at) => {
      if (place.tty !== null) upsert.run('terminal', place.tty, conversationId, at)
      if (place.directory !== null) upsert.run('directory', place.directory, conversationId, at)
    },
    latestAt: (kind, name) => latest.get(kind, name)?.conversation_id ?? null,
  }
}
