// The table of summaries: what was said in a conversation before the part that still fits a model, in few words.

import type Database from 'better-sqlite3'
import type { ConversationId, MessageId } from '../../src/protocol/ids.ts'
import type { Summary } from './store.ts'

export interface SummaryTable {
  get(conversationId: ConversationId): Summary | null
  /** In place of the one before. */
  put(conversationId: ConversationId, summary: Summary): void
}

interface SummaryRow {
  readonly up_to: MessageId
  readonly text: string
  readonly model: string
  readonly created_at: number
}

export function createSummaryTable(database: Database.Database): SummaryTable {
  const get = database.prepare<[ConversationId], SummaryRow>('SELECT * FROM summaries WHERE conversation_id = ?')
  const put = database.prepare(`
    INSERT INTO summaries (conversation_id, up_to, text, model, created_at)
    VALUES (@conversationId, @upTo, @text, @model, @createdAt)
    ON CONFLICT DO UPDATE SET up_to = @upTo, text = @text, model = @model, created_at = @createdAt
  `)
  return {
    get: (conversationId) => fromRow(get.get(conversationId)),
    put: (conversationId, summary) => void put.run({ conversationId, ...summary }),
  }
}

function fromRow(row: SummaryRow | undefined): Summary | null {
  if (row === undefined) return null
  return { upTo: row.up_to, text: row.text, model: row.model, createdAt: row.created_at }
}
