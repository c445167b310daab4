// What the database holds of a turn, read past the daemon, so that no code of it can tidy the answer.

import Database from 'better-sqlite3'
import type { TurnId } from '../../src/protocol/ids.ts'

export interface StoredTurn {
  readonly turnId: TurnId
  /** Rows that say this turn has ended: exactly one is right. */
  readonly ended: number
  readonly ledgerRows: number
  readonly ledgerOutcome: string | null
  readonly messages: number
  readonly chunks: number
  readonly prompt: string | null
  readonly text: string
  readonly outcome: string | null
  readonly errorCode: string | null
}

export interface TurnReader extends Disposable {
  /** Null where the turn was never saved. */
  byId(turnId: TurnId): StoredTurn | null
  /** For a turn whose id only the command knows that made it. */
  byPrompt(prompt: string): StoredTurn | null
  /** Turns or ledger rows that have not ended, and turns without exactly one ledger row. */
  strays(): number
}

const SELECT = `
  SELECT
    turns.turn_id AS turnId,
    (SELECT count(*) FROM turns AS ended WHERE ended.turn_id = turns.turn_id AND ended_at IS NOT NULL) AS ended,
    (SELECT count(*) FROM ledger WHERE ledger.turn_id = turns.turn_id) AS ledgerRows,
    (SELECT outcome FROM ledger WHERE ledger.turn_id = turns.turn_id) AS ledgerOutcome,
    (SELECT count(*) FROM messages WHERE messages.turn_id = turns.turn_id) AS messages,
    (SELECT count(*) FROM chunks WHERE chunks.message_key = answer.message_key) AS chunks,
    (SELECT group_concat(text, '') FROM parts WHERE parts.message_key = question.message_key) AS prompt,
    (SELECT coalesce(group_concat(text, ''), '') FROM parts WHERE parts.message_key = answer.message_key) AS text,
    answer.outcome AS outcome,
    answer.error_code AS errorCode
  FROM turns
  JOIN messages AS question ON question.message_id = turns.user_message_id
  JOIN messages AS answer ON answer.message_id = turns.message_id
`

export function openTurnReader(file: string): TurnReader {
  const database = new Database(file, { readonly: true, timeout: 5_000 })
  const byId = database.prepare<[string], StoredTurn>(`${SELECT} WHERE turns.turn_id = ?`)
  const byPrompt = database.prepare<[string], StoredTurn>(`
    ${SELECT} JOIN parts ON parts.message_key = question.message_key WHERE parts.text = ?
  `)
  const strays = database.prepare<[], { count: number }>(`
    SELECT
      (SELECT count(*) FROM turns WHERE ended_at IS NULL) +
      (SELECT count(*) FROM ledger WHERE outcome IS NULL) +
      (SELECT count(*) FROM chunks) +
      (SELECT count(*) FROM turns WHERE (SELECT count(*) FROM ledger WHERE ledger.turn_id = turns.turn_id) <> 1)
      AS count
  `)
  return {
    byId: (turnId) => byId.get(turnId) ?? null,
    byPrompt: (prompt) => byPrompt.get(prompt) ?? null,
    strays: () => strays.get()?.count ?? 0,
    [Symbol.dispose]: () => database.close(),
  }
}
