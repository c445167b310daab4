// What conversations got later, as migrations.

import type Database from 'better-sqlite3'

/** What may answer in place of a conversation's model; null: what the settings say. */
export function addFallback(database: Database.Database): void {
  database.exec('ALTER TABLE conversations ADD COLUMN fallback TEXT')
}

/** Notes beside conversations; what they stand for stays where it is. One each: a longer one holds the shorter. */
export function createSummaries(database: Database.Database): void {
  database.exec(`
    CREATE TABLE summaries (
      conversation_id TEXT PRIMARY KEY REFERENCES conversations (conversation_id) ON DELETE CASCADE,
      up_to TEXT NOT NULL,
      text TEXT NOT NULL,
      model TEXT NOT NULL,
      created_at INTEGER NOT NULL
    ) STRICT, WITHOUT ROWID;
  `)
}
