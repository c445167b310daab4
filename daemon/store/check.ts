// Looks a whole database over; reads all of it.

import type Database from 'better-sqlite3'
import type { Checked } from './worker-jobs.ts'

const PROBLEMS_MAX = 100

export function checkDatabase(database: Database.Database, isIndexComplete: boolean): Checked {
  const search = isIndexComplete ? missingInSearch(database) : []
  const problems = [...integrityOf(database), ...links(database), ...orphans(database), ...search]
  const messages = Number(database.prepare('SELECT count(*) FROM messages').pluck().get())
  return { problems: problems.slice(0, PROBLEMS_MAX), messages }
}

/** `integrity_check` goes through the full-text index too: https://www.sqlite.org/pragma.html#pragma_integrity_check */
export function integrityOf(database: Database.Database): readonly string[] {
  const lines = database.prepare<[], string>(`PRAGMA integrity_check(${PROBLEMS_MAX})`).pluck().all()
  return lines.filter((line) => line !== 'ok')
}

function links(database: Database.Database): readonly string[] {
  const rows = database.prepare<[], { table: string; rowid: number | null; parent: string }>('PRAGMA foreign_key_check')
  return rows.all().map(({ table, rowid, parent }) => `Row ${rowid} of ${table} points to nothing in ${parent}`)
}

/** No foreign key: its index would be written with every message, for what is deleted with its conversation only. */
function orphans(database: Database.Database): readonly string[] {
  const ids = database
    .prepare<[number], string>(`
      SELECT message_id FROM messages
      WHERE parent_id IS NOT NULL AND parent_id NOT IN (SELECT message_id FROM messages)
      LIMIT ?
    `)
    .pluck()
  return ids.all(PROBLEMS_MAX).map((messageId) => `Message "${messageId}" continues a message that is not there`)
}

function missingInSearch(database: Database.Database): readonly string[] {
  const row = database
    .prepare<[], { indexed: number; stored: number }>(`
      SELECT
        (SELECT count(*) FROM message_search_docsize) AS indexed,
        (SELECT count(*) FROM messages JOIN turns USING (turn_id) WHERE ended_at IS NOT NULL) AS stored
    `)
    .get()
  if (row === undefined || row.indexed === row.stored) return []
  return [`The search index holds ${row.indexed} messages of ${row.stored}`]
}
