// Where each conversation was last used.

import type Database from 'better-sqlite3'
import type { ConversationId } from '../../src/protocol/ids.ts'
import type { Place } from './store.ts'

type PlaceKind = 'terminal' | 'directory'

export interface PlaceTable {
  use(conversationId: ConversationId, place: Place, at: number): void
  latestAt(kind: PlaceKind, name: string): ConversationId | null
}

export function createPlaceTable(database: Database.Database): PlaceTable {
  const insert = database.prepare<[PlaceKind, string, number, ConversationId]>(`
    INSERT INTO places (kind, name, used_at, conversation_id) VALUES (?, ?, ?, ?)
  `)
  const remove = database.prepare<[ConversationId, PlaceKind, string]>(`
    DELETE FROM places WHERE conversation_id = ? AND kind = ? AND name = ?
  `)
  const latest = database
    .prepare<[PlaceKind, string], ConversationId>(`
      SELECT conversation_id FROM places
      WHERE kind = ? AND name = ?
      ORDER BY used_at DESC, conversation_id DESC
      LIMIT 1
    `)
    .pluck()
  return {
    use: (conversationId, place, at) => {
      if (place.tty !== null) become('terminal', place.tty, at, conversationId)
      if (place.directory !== null) become('directory', place.directory, at, conversationId)
    },
    latestAt,
  }

  /** Only the order counts, so the latest that is used again stays as it stands. */
  function become(kind: PlaceKind, name: string, at: number, conversationId: ConversationId): void {
    if (latestAt(kind, name) === conversationId) return
    remove.run(conversationId, kind, name)
    insert.run(kind, name, at, conversationId)
  }

  function latestAt(kind: PlaceKind, name: string): ConversationId | null {
    return latest.get(kind, name) ?? null
  }
}
