// The table of messages: a tree by parent.

import type Database from 'better-sqlite3'
import type { ConversationId, MessageId, TurnId } from '../../src/protocol/ids.ts'
import type { Message } from '../../src/protocol/schema/entities.ts'
import type { Cached } from '../../src/protocol/schema/story.ts'
import type { Finish, MessagePart } from '../../src/protocol/stream.ts'
import {
  fromOutcomeColumns,
  fromUsageColumns,
  type OutcomeColumns,
  toOutcomeColumns,
  toUsageColumns,
  type UsageColumns,
} from './columns.ts'
import { createPartTable } from './part-table.ts'
import type { TurnEnd } from './store.ts'

export interface NewMessage {
  readonly messageId: MessageId
  readonly conversationId: ConversationId
  readonly parentId: MessageId | null
  readonly turnId: TurnId
  readonly role: Message['role']
  readonly model: string | null
  readonly parts: readonly MessagePart[]
  readonly createdAt: number
}

export interface MessageTable {
  insert(message: NewMessage): void
  get(messageId: string): Message | null
  keyOf(messageId: MessageId): number | null
  /** Of a conversation, or null. */
  conversationOf(messageId: MessageId): ConversationId | null
  /** The newest `limit` messages of the branch that ends at the leaf, oldest first. */
  branch(leafId: MessageId, limit: number): readonly Message[]
  /** What the end of a turn says of its reply. */
  finish(messageKey: number, end: Omit<TurnEnd, 'turnId'>): void
}

interface MessageRow extends UsageColumns, OutcomeColumns {
  readonly message_key: number
  readonly message_id: MessageId
  readonly conversation_id: ConversationId
  readonly parent_id: MessageId | null
  readonly turn_id: TurnId
  readonly role: Message['role']
  readonly model: string | null
  readonly finish_reason: Finish['reason'] | null
  readonly finish_raw: string | null
  readonly cost_micros: number | null
  /** As JSON. */
  readonly cached: string | null
  readonly created_at: number
}

export function createMessageTable(database: Database.Database): MessageTable {
  const sql = prepare(database)
  const parts = createPartTable(database)
  return {
    insert: (message) => {
      const { lastInsertRowid } = sql.insert.run(message)
      parts.insert(Number(lastInsertRowid), message.parts)
    },
    get: (messageId) => {
      const row = sql.get.get(messageId)
      return row === undefined ? null : fromRow(row)
    },
    keyOf: (messageId) => sql.keyOf.get(messageId) ?? null,
    conversationOf: (messageId) => sql.conversationOf.get(messageId) ?? null,
    branch: (leafId, limit) => sql.branch.all(leafId, limit).map(fromRow).reverse(),
    finish: (messageKey, end) => {
      const { reason = null, raw = null } = end.finish ?? {}
      const columns = { ...toOutcomeColumns(end.outcome), ...toUsageColumns(end.usage) }
      sql.finish.run({ messageKey, model: end.model, costMicros: end.costMicros, reason, raw, ...columns })
      parts.insert(messageKey, end.parts)
    },
  }

  function fromRow(row: MessageRow): Message {
    return {
      messageId: row.message_id,
      conversationId: row.conversation_id,
      parentId: row.parent_id,
      turnId: row.turn_id,
      role: row.role,
      parts: parts.of(row.message_key),
      model: row.model,
      outcome: fromOutcomeColumns(row),
      finish: row.finish_reason === null ? null : { reason: row.finish_reason, raw: row.finish_raw },
      usage: fromUsageColumns(row),
      costMicros: row.cost_micros,
      cached: row.cached === null ? null : (JSON.parse(row.cached) as Cached),
      createdAt: row.created_at,
    }
  }
}

/** Read out of the story of the turn, where there may be one: whatever was asked has used tokens. */
const CACHED = `
  CASE WHEN messages.role = 'assistant' AND messages.input_tokens IS NULL THEN (
    SELECT json_extract(turns.story, '$.cached') FROM turns WHERE turns.turn_id = messages.turn_id
  ) END AS cached`

function prepare(database: Database.Database) {
  return {
    insert: database.prepare<NewMessage>(`
      INSERT INTO messages (message_id, conversation_id, parent_id, turn_id, role, model, created_at)
      VALUES (@messageId, @conversationId, @parentId, @turnId, @role, @model, @createdAt)
    `),
    get: database.prepare<[string], MessageRow>(`
      SELECT messages.*, ${CACHED} FROM messages WHERE message_id = ?
    `),
    keyOf: database.prepare<[string], number>('SELECT message_key FROM messages WHERE message_id = ?').pluck(),
    conversationOf: database
      .prepare<[string], ConversationId>('SELECT conversation_id FROM messages WHERE message_id = ?')
      .pluck(),
    branch: database.prepare<[MessageId, number], MessageRow>(`
      WITH RECURSIVE branch (message_key, parent_id, depth) AS (
        SELECT message_key, parent_id, 1 FROM messages WHERE message_id = ?
        UNION ALL
        SELECT messages.message_key, messages.parent_id, branch.depth + 1
        FROM branch
        JOIN messages ON messages.message_id = branch.parent_id
        LIMIT ?
      )
      SELECT messages.*, ${CACHED} FROM branch JOIN messages USING (message_key) ORDER BY branch.depth
    `),
    finish: database.prepare(`
      UPDATE messages
      SET model = @model, outcome = @outcome, error_code = @error_code, error_message = @error_message,
        error_hint = @error_hint, finish_reason = @reason, finish_raw = @raw, input_tokens = @input_tokens,
        output_tokens = @output_tokens, cached_input_tokens = @cached_input_tokens,
        cache_write_tokens = @cache_write_tokens, reasoning_tokens = @reasoning_tokens,
        usage_estimated = @usage_estimated, cost_micros = @costMicros
      WHERE message_key = @messageKey
    `),
  }
}
