// The ledger: what every call cost. A row outlives the conversation of its turn.

import type Database from 'better-sqlite3'
import type { ConversationId, DeviceId } from '../../src/protocol/ids.ts'
import { toUsageColumns } from './columns.ts'
import type { LedgerEntry, Outcome } from './store.ts'

/** What is known once a call has ended. */
export type LedgerEnd = Pick<
  LedgerEntry,
  'turnId' | 'model' | 'usage' | 'costMicros' | 'outcome' | 'attempts' | 'endedAt'
>

export interface LedgerTable {
  /** One that is there stays. */
  insert(entry: LedgerEntry): void
  /** Rows for turns that still run, before their conversation goes. */
  open(conversationId: ConversationId): void
  /** Closes such a row. */
  close(end: LedgerEnd): void
  /** Closes those of a daemon that was killed. */
  closeOrphans(code: string, at: number): void
  /** A null device are the calls of the owner. */
  spentSince(at: number): readonly { readonly deviceId: DeviceId | null; readonly costMicros: number }[]
}

export function createLedgerTable(database: Database.Database): LedgerTable {
  const insert = database.prepare(`
    INSERT INTO ledger (
      turn_id, device_id, origin, model, outcome, error_code, input_tokens, output_tokens, cached_input_tokens,
      cache_write_tokens, reasoning_tokens, usage_estimated, cost_micros, attempts, started_at, ended_at
    )
    VALUES (
      @turnId, @deviceId, @origin, @model, @outcome, @errorCode, @input_tokens, @output_tokens, @cached_input_tokens,
      @cache_write_tokens, @reasoning_tokens, @usage_estimated, @costMicros, @attempts, @startedAt, @endedAt
    )
    ON CONFLICT DO NOTHING
  `)
  const open = database.prepare<[ConversationId]>(`
    INSERT INTO ledger (turn_id, device_id, origin, model, started_at)
    SELECT turn_id, device_id, origin, asked_model, started_at
    FROM turns
    WHERE conversation_id = ? AND ended_at IS NULL
  `)
  const close = database.prepare(`
    UPDATE ledger
    SET model = @model, outcome = @outcome, error_code = @errorCode, input_tokens = @input_tokens,
      output_tokens = @output_tokens, cached_input_tokens = @cached_input_tokens,
      cache_write_tokens = @cache_write_tokens, reasoning_tokens = @reasoning_tokens,
      usage_estimated = @usage_estimated, cost_micros = @costMicros, attempts = @attempts, ended_at = @endedAt
    WHERE turn_id = @turnId AND outcome IS NULL
  `)
  const closeOrphans = database.prepare<[string, number]>(`
    UPDATE ledger SET outcome = 'failed', error_code = ?, ended_at = ? WHERE outcome IS NULL
  `)
  const spentSince = database.prepare<[number], { deviceId: DeviceId | null; costMicros: number }>(`
    SELECT device_id AS deviceId, coalesce(sum(cost_micros), 0) AS costMicros
    FROM ledger
    WHERE started_at >= ?
    GROUP BY device_id
  `)
  return {
    insert: (entry) => {
      const { deviceId, origin, startedAt } = entry
      insert.run({ ...toColumns(entry), deviceId, origin, startedAt })
    },
    open: (conversationId) => void open.run(conversationId),
    close: (end) => void close.run(toColumns(end)),
    closeOrphans: (code, at) => void closeOrphans.run(code, at),
    spentSince: (at) => spentSince.all(at),
  }
}

/** Of an error only the code: its message may quote what was asked. */
function toColumns(end: LedgerEnd) {
  const { turnId, model, usage, costMicros, outcome, attempts, endedAt } = end
  return {
    ...{ turnId, model, costMicros, attempts, endedAt },
    ...toUsageColumns(usage),
    outcome: outcome.type,
    errorCode: codeOf(outcome),
  }
}

function codeOf(outcome: Outcome): string | null {
  return outcome.type === 'failed' ? outcome.error.code : null
}
