// What conversations got later, as migrations.

import type Database from 'better-sqlite3'

/** What may answer in place of a conversation's model; null: what the settings say. */
export function addFallback(database: Database.Database): void {
  database.exec('ALTER TABLE conversations ADD COLUMN fallback TEXT')
}

/** Answers whose tokens have no known price, so that what a conversation cost is not taken for all of it. */
export function countUnpriced(database: Database.Database): void {
  database.exec(`
    ALTER TABLE conversations ADD COLUMN unpriced_answers INTEGER NOT NULL DEFAULT 0;
    UPDATE conversations
    SET unpriced_answers = counted.answers
    FROM (
      SELECT conversation_id, count(*) AS answers
      FROM messages
      WHERE cost_micros IS NULL AND input_tokens IS NOT NULL
      GROUP BY conversation_id
    ) AS counted
    WHERE counted.conversation_id = conversations.conversation_id;
  `)
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
