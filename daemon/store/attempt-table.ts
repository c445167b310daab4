// The table of attempts: one call of one provider each.

import type Database from 'better-sqlite3'
import type { TurnId } from '../../src/protocol/ids.ts'
import { toErrorColumns } from './columns.ts'
import type { Attempt } from './store.ts'

export interface AttemptTable {
  insert(turnId: TurnId, attempt: Attempt): void
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
  return {
    insert: (turnId, attempt) => void insert.run({ ...attempt, turnId, ...toErrorColumns(attempt.error) }),
  }
}
