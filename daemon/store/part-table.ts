// The two tables of what messages are made of: text and reasoning in one, everything else in the other.

import type Database from 'better-sqlite3'
import type { Message } from '../../src/protocol/schema/entities.ts'
import type { MessagePart } from '../../src/protocol/stream.ts'

export interface PartTable {
  insert(messageKey: number, parts: readonly MessagePart[]): void
  of(messageKey: number): Message['parts']
}

interface PartRow {
  readonly position: number
  readonly type: MessagePart['type']
  readonly text: string
}

interface OtherRow extends PartRow {
  /** What the part is besides, as JSON. */
  readonly facts: string
}

export function createPartTable(database: Database.Database): PartTable {
  const sql = prepare(database)
  return { insert, of }

  function insert(messageKey: number, parts: readonly MessagePart[]): void {
    for (const [position, { type, text, ...facts }] of parts.entries()) {
      if (type === 'text' || type === 'reasoning') sql.insert.run(messageKey, position, type, text)
      else sql.insertOther.run(messageKey, position, type, text, JSON.stringify(facts))
    }
  }

  function of(messageKey: number): Message['parts'] {
    const rows = sql.of.all(messageKey)
    const others = sql.othersOf.all(messageKey)
    // Joined here: in a query, a text of megabytes would be copied on its way through the join.
    const all = others.length === 0 ? rows : [...rows, ...others].sort((a, b) => a.position - b.position)
    return all.map(toPart)
  }
}

function toPart(row: PartRow | OtherRow): MessagePart {
  const { type, text } = row
  return { type, text, ...('facts' in row ? JSON.parse(row.facts) : {}) }
}

function prepare(database: Database.Database) {
  return {
    insert: database.prepare<[number, number, string, string]>(`
      INSERT INTO parts (message_key, position, type, text) VALUES (?, ?, ?, ?)
    `),
    insertOther: database.prepare<[number, number, string, string, string]>(`
      INSERT INTO other_parts (message_key, position, type, text, facts) VALUES (?, ?, ?, ?, ?)
    `),
    of: database.prepare<[number], PartRow>(`
      SELECT position, type, text FROM parts WHERE message_key = ? ORDER BY position
    `),
    othersOf: database.prepare<[number], OtherRow>(`
      SELECT position, type, text, facts FROM other_parts WHERE message_key = ? ORDER BY position
    `),
  }
}
