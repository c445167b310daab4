// What conversations got later, as migrations.

import type Database from 'better-sqlite3'

/** What may answer in place of a conversation's model; null: what the settings say. */
export function addFallback(database: Database.Database): void {
  database.exec('ALTER TABLE conversations ADD COLUMN fallback TEXT')
}
