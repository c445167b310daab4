// What the full-text index reads, as changed since `schema.ts` made it.

import type Database from 'better-sqlite3'

/**
 * `group_concat` with an order of its own needs SQLite 3.44: the shell of a Debian of 2023 could open neither the history
 * nor a backup of it. An ordered subselect says the same to every SQLite.
 */
export function orderForOlderSqlite(database: Database.Database): void {
  database.exec(`
    DROP VIEW searchable;
    CREATE VIEW searchable AS
    SELECT messages.message_key, messages.conversation_id, (
      SELECT group_concat(ordered.text, '')
      FROM (
        SELECT parts.text
        FROM parts
        WHERE parts.message_key = messages.message_key AND parts.type = 'text'
        ORDER BY parts.position
      ) AS ordered
    ) AS text
    FROM messages
    JOIN turns ON turns.turn_id = messages.turn_id
    WHERE turns.ended_at IS NOT NULL;
  `)
}
