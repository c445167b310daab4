// The table of conversations.

import type Database from 'better-sqlite3'
import type { ConversationId, MessageId } from '../../src/protocol/ids.ts'
import type { Conversation } from '../../src/protocol/schema/entities.ts'
import { digitsOf, digitsRange, endPosition } from './id-digits.ts'
import type { ConversationPatch, NewConversation } from './store.ts'

export interface ConversationTable {
  insert(conversation: NewConversation): Conversation
  get(conversationId: string): Conversation | null
  titleOf(conversationId: string): string | null
  list(page: { limit: number; before?: number; query?: string }): readonly Conversation[]
  findByDigits(reference: string, limit: number): readonly Conversation[]
  findByTitle(title: string, limit: number): readonly Conversation[]
  update(conversation: Conversation, patch: ConversationPatch): void
  /** Two messages more, the newer of them in view. */
  grow(conversationId: ConversationId, leafId: MessageId, at: number): void
  /** Of one answer, in millionths of a dollar; null: nobody knows the price of its tokens. */
  addCost(conversationId: ConversationId, costMicros: number | null): void
  delete(conversationId: ConversationId): boolean
}

interface ConversationRow {
  readonly conversation_id: ConversationId
  readonly title: string
  readonly model: string | null
  readonly system: string | null
  readonly parameters: string
  readonly fallback: Conversation['fallback']
  readonly leaf_id: MessageId | null
  readonly message_count: number
  readonly cost_micros: number
  readonly unpriced_answers: number
  readonly created_at: number
  readonly used_at: number
}

interface Digits {
  readonly from: string
  readonly to: string
  readonly digits: string
  readonly position: number
  readonly limit: number
}

export function createConversationTable(database: Database.Database): ConversationTable {
  const sql = prepare(database)
  return {
    insert: (conversation) => {
      const { parameters, conversationId, createdAt } = conversation
      // As SQLite gives it back.
      const title = conversation.title.toWellFormed()
      const system = conversation.system?.toWellFormed() ?? null
      const { fallback = null } = conversation
      const stored = { ...conversation, title, system, fallback, usedAt: timeOfUse(conversationId, createdAt) }
      sql.insert.run({ ...stored, parameters: JSON.stringify(parameters), folded: foldCase(title) })
      return { ...stored, leafId: null, messageCount: 0, costMicros: 0, unpricedAnswers: 0 }
    },
    titleOf: (conversationId) => sql.titleOf.get(conversationId) ?? null,
    get: (conversationId) => toConversation(sql.get.get(conversationId)),
    list: ({ limit, before = Number.MAX_SAFE_INTEGER, query = '' }) =>
      sql.list.all(before, foldCase(query), limit).map(fromRow),
    findByDigits,
    findByTitle: (title, limit) => sql.byTitle.all(title, limit).map(fromRow),
    update: (conversation, patch) => {
      const next = { ...conversation, ...patch }
      const parameters = JSON.stringify(next.parameters)
      sql.update.run({ ...next, parameters, folded: foldCase(next.title) })
    },
    grow: (conversationId, leafId, at) => void sql.grow.run(leafId, timeOfUse(conversationId, at), conversationId),
    addCost: (conversationId, costMicros) => void sql.addCost.run({ conversationId, costMicros }),
    delete: (conversationId) => sql.delete.run(conversationId).changes > 0,
  }

  function findByDigits(reference: string, limit: number): readonly Conversation[] {
    const digits = digitsOf(reference, ['cnv'])
    if (digits === null) return []
    const [from, to] = digitsRange('cnv', digits)
    return sql.byDigits.all({ from, to, digits, position: endPosition('cnv', digits), limit }).map(fromRow)
  }

  /**
   * After every other conversation, whatever the clock says: it may have run ahead before. A page ends at a `usedAt`,
   * so no two conversations have the same.
   */
  function timeOfUse(conversationId: ConversationId, at: number): number {
    const newest = sql.newestOther.get(conversationId)
    return newest === undefined ? at : Math.max(at, newest + 1)
  }
}

function prepare(database: Database.Database) {
  return {
    insert: database.prepare(`
      INSERT INTO conversations (conversation_id, title, title_folded, model, system, parameters, fallback, created_at, used_at)
      VALUES (@conversationId, @title, @folded, @model, @system, @parameters, @fallback, @createdAt, @usedAt)
    `),
    get: database.prepare<[string], ConversationRow>('SELECT * FROM conversations WHERE conversation_id = ?'),
    titleOf: database.prepare<[string], string>('SELECT title FROM conversations WHERE conversation_id = ?').pluck(),
    newestOther: database
      .prepare<[ConversationId], number>(`
        SELECT used_at FROM conversations WHERE conversation_id <> ? ORDER BY used_at DESC LIMIT 1
      `)
      .pluck(),
    list: database.prepare<[number, string, number], ConversationRow>(`
      SELECT * FROM conversations
      WHERE used_at < ? AND instr(title_folded, ?) > 0
      ORDER BY used_at DESC
      LIMIT ?
    `),
    byDigits: database.prepare<Digits, ConversationRow>(`
      SELECT * FROM conversations
      WHERE conversation_id IN (
        SELECT conversation_id FROM conversations WHERE conversation_id >= @from AND conversation_id < @to
        UNION
        SELECT conversation_id FROM conversations WHERE substr(conversation_id, @position) = @digits
      )
      ORDER BY used_at DESC
      LIMIT @limit
    `),
    byTitle: database.prepare<[string, number], ConversationRow>(`
      SELECT * FROM conversations WHERE title = ? ORDER BY used_at DESC LIMIT ?
    `),
    update: database.prepare(`
      UPDATE conversations
      SET title = @title, title_folded = @folded, model = @model, system = @system,
        parameters = @parameters, fallback = @fallback, leaf_id = @leafId
      WHERE conversation_id = @conversationId
    `),
    grow: database.prepare<[MessageId, number, ConversationId]>(`
      UPDATE conversations SET leaf_id = ?, used_at = ?, message_count = message_count + 2 WHERE conversation_id = ?
    `),
    addCost: database.prepare<{ conversationId: ConversationId; costMicros: number | null }>(`
      UPDATE conversations
      SET cost_micros = cost_micros + coalesce(@costMicros, 0), unpriced_answers = unpriced_answers + (@costMicros IS NULL)
      WHERE conversation_id = @conversationId
    `),
    delete: database.prepare<[ConversationId]>('DELETE FROM conversations WHERE conversation_id = ?'),
  }
}

/** SQLite folds the case of ASCII only. */
function foldCase(text: string): string {
  return text.normalize('NFKC').toLowerCase()
}

function toConversation(row: ConversationRow | undefined): Conversation | null {
  return row === undefined ? null : fromRow(row)
}

function fromRow(row: ConversationRow): Conversation {
  return {
    conversationId: row.conversation_id,
    title: row.title,
    model: row.model,
    system: row.system,
    parameters: JSON.parse(row.parameters),
    fallback: row.fallback,
    leafId: row.leaf_id,
    messageCount: row.message_count,
    costMicros: row.cost_micros,
    unpricedAnswers: row.unpriced_answers,
    createdAt: row.created_at,
    usedAt: row.used_at,
  }
}
