// Where each conversation was last used.

import type Database from 'better-sqlite3'
import type { ConversationId } from '../../src/protocol/ids.ts'
import type { Place } from './store.ts'

type PlaceKind = 'terminal' | 'directory'

interface LatestRow {
  readonly conversation_id: ConversationId
  readonly used_at: number
}

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
  const latest = database.prepare<[PlaceKind, string], LatestRow>(`
    SELECT conversation_id, used_at FROM places
    WHERE kind = ? AND name = ?
    ORDER BY used_at DESC, conversation_id DESC
    LIMIT 1
  `)
  return {
    use: (conversationId, place, at) => {
      if (place.tty !== null) become('terminal', place.tty, at, conversationId)
      if (place.directory !== null) become('directory', place.directory, at, conversationId)
    },
    latestAt: (kind, name) => latest.get(kind, name)?.conversation_id ?? null,
  }

  /** Only the order counts: the latest that is used again stays as it stands, and a clock that ran ahead is outrun. */
  function become(kind: PlaceKind, name: string, at: number, conversationId: ConversationId): void {
    const newest = latest.get(kind, name)
    if (newest?.conversation_id === conversationId) return
    remove.run(conversationId, kind, name)
    insert.run(kind, name, newest === undefined ? at : Math.max(at, newest.used_at + 1), conversationId)
  }
}
