// The table of attempts: one call of one provider each.

import type Database from 'better-sqlite3'
import type { TurnId } from '../../src/protocol/ids.ts'
import { type ErrorColumns, fromErrorColumns, toErrorColumns } from './columns.ts'
import type { Attempt } from './store.ts'

export interface AttemptTable {
  insert(turnId: TurnId, attempt: Attempt): void
  /** Oldest first. */
  of(turnId: TurnId): readonly Attempt[]
}

interface AttemptRow extends ErrorColumns {
  readonly number: number
  readonly model: string
  readonly started_at: number
  readonly first_part_ms: number | null
  readonly ended_at: number
  readonly request_id: string | null
}

export function createAttemptTable(database: Database.Database): AttemptTable {
  const insert = database.prepare(`
    INSERT INTO attempts (
      turn_id, number, model, started_at, first_part_ms, ended_at, error_code, error_message, error_hint, request_id
    )
    VALUES (
      @turnId, @number, @model, @startedAt, @firstPartMs, @endedAt, @error_code, @error_message, @error_hint, @requestId
    )
  `)
  const of = database.prepare<[TurnId], AttemptRow>('SELECT * FROM attempts WHERE turn_id = ? ORDER BY number')
  return {
    insert: (turnId, attempt) => void insert.run({ ...attempt, turnId, ...toErrorColumns(attempt.error) }),
    of: (turnId) => of.all(turnId).map(fromRow),
  }
}

function fromRow(row: AttemptRow): Attempt {
  return {
    number: row.number,
    model: row.model,
    startedAt: row.started_at,
    firstPartMs: row.first_part_ms,
    endedAt: row.ended_at,
    error: row.error_code === null ? null : fromErrorColumns(row),
    requestId: row.request_id,
  }
}
