// The ledger: what every call cost. A row is opened before the call and outlives its conversation.

import type Database from 'better-sqlite3'
import { toUsageColumns } from './columns.ts'
import type { LedgerEntry, Outcome, TurnStart } from './store.ts'

/** What is known once a call has ended. */
export type LedgerEnd = Pick<
  LedgerEntry,
  'turnId' | 'model' | 'usage' | 'costMicros' | 'outcome' | 'attempts' | 'endedAt'
>

export interface LedgerTable {
  open(turn: TurnStart): void
  close(end: LedgerEnd): void
  /** A whole row at once; one that is there stays. */
  insert(entry: LedgerEntry): void
  /** Closes rows whose turn is gone: deleted while it ran, and then the daemon was killed. */
  closeOrphans(code: string, at: number): void
}

export function createLedgerTable(database: Database.Database): LedgerTable {
  const open = database.prepare(`
    INSERT INTO ledger (turn_id, conversation_id, device_id, origin, model, started_at)
    VALUES (@turnId, @conversationId, @deviceId, @origin, @model, @startedAt)
  `)
  const close = database.prepare(`
    UPDATE ledger
    SET model = @model, outcome = @outcome, error_code = @errorCode, input_tokens = @input_tokens,
      output_tokens = @output_tokens, cached_input_tokens = @cached_input_tokens,
      cache_write_tokens = @cache_write_tokens, reasoning_tokens = @reasoning_tokens,
      usage_estimated = @usage_estimated, cost_micros = @costMicros, attempts = @attempts, ended_at = @endedAt
    WHERE turn_id = @turnId AND outcome IS NULL
  `)
  const openOnce = database.prepare(`
    INSERT INTO ledger (turn_id, conversation_id, device_id, origin, model, started_at)
    VALUES (
      @turnId, (SELECT conversation_id FROM conversations WHERE conversation_id = @conversationId),
      @deviceId, @origin, @model, @startedAt
    )
    ON CONFLICT (turn_id) DO NOTHING
  `)
  const closeOrphans = database.prepare<[string, number]>(`
    UPDATE ledger SET outcome = 'failed', error_code = ?, ended_at = ? WHERE outcome IS NULL
  `)
  return {
    open: ({ turnId, conversationId, deviceId, origin, model, startedAt }) =>
      void open.run({ turnId, conversationId, deviceId, origin, model, startedAt }),
    close: (end) => void close.run(toColumns(end)),
    insert: (entry) => {
      const { turnId, conversationId, deviceId, origin, model, startedAt } = entry
      openOnce.run({ turnId, conversationId, deviceId, origin, model, startedAt })
      close.run(toColumns(entry))
    },
    closeOrphans: (code, at) => void closeOrphans.run(code, at),
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
