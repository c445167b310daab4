// The table of turns; what became of one stands with its reply.

import type Database from 'better-sqlite3'
import type { ConversationId, DeviceId, MessageId, TurnId } from '../../src/protocol/ids.ts'
import type { Turn } from '../../src/protocol/schema/entities.ts'
import type { Story } from '../../src/protocol/schema/story.ts'
import type { Finish } from '../../src/protocol/stream.ts'
import { fromOutcomeColumns, fromUsageColumns, type OutcomeColumns, type UsageColumns } from './columns.ts'
import { digitsOf, digitsRange, endPosition } from './id-digits.ts'
import type { Origin, TurnStart } from './store.ts'

/** A turn that has begun and not ended. */
export interface OpenTurn {
  readonly turnId: TurnId
  readonly messageId: MessageId
  readonly model: string
}

/** What is known of a turn besides its end. */
export interface EndedTurn {
  readonly conversationId: ConversationId
  readonly deviceId: DeviceId | null
  readonly origin: Origin
  readonly startedAt: number
}

export interface TurnFinish {
  readonly firstPartMs: number | null
  readonly endedAt: number
  /** Null of a turn that was killed. */
  readonly story: Story | null
}

export interface TurnTable {
  /** The title is that of the conversation. */
  insert(turn: TurnStart, title: string): Turn
  has(turnId: TurnId): boolean
  get(turnId: string): Turn | null
  find(reference: string, limit: number): readonly Turn[]
  last(conversationId: ConversationId): Turn | null
  openedBy(conversationId: ConversationId): DeviceId | null
  open(): readonly OpenTurn[]
  /** Null where there is no such turn, or it has ended already. */
  finish(turnId: TurnId, end: TurnFinish): EndedTurn | null
  story(turnId: TurnId): Story | null
  /** Takes note that all turns before the oldest open one are in the search index. */
  settle(): void
  /** After turns were deleted: their keys are given again. */
  unsettle(): void
}

interface TurnRow extends UsageColumns, OutcomeColumns {
  readonly turn_id: TurnId
  readonly conversation_id: ConversationId
  readonly title: string
  readonly user_message_id: MessageId
  readonly message_id: MessageId
  readonly model: string | null
  readonly asked_model: string
  readonly origin: Origin
  readonly finish_reason: Finish['reason'] | null
  readonly finish_raw: string | null
  readonly cost_micros: number | null
  readonly first_part_ms: number | null
  readonly started_at: number
  readonly ended_at: number | null
}

interface Digits {
  readonly turnFrom: string
  readonly turnTo: string
  readonly messageFrom: string
  readonly messageTo: string
  readonly digits: string
  /** Where in an id its last digits begin, counted from one. */
  readonly position: number
  readonly limit: number
}

export function createTurnTable(database: Database.Database): TurnTable {
  const sql = prepare(database)
  return {
    insert: (turn, title) => {
      sql.insert.run(turn)
      return started(turn, title)
    },
    has: (turnId) => sql.has.get(turnId) !== undefined,
    get: (turnId) => toTurn(sql.get.get(turnId)),
    find,
    last: (conversationId) => toTurn(sql.last.get(conversationId)),
    openedBy: (conversationId) => sql.openedBy.get(conversationId) ?? null,
    open: () => sql.open.all(),
    finish: (turnId, { firstPartMs, endedAt, story }) =>
      sql.finish.get(firstPartMs, endedAt, story === null ? null : JSON.stringify(story), turnId) ?? null,
    story: (turnId) => JSON.parse(sql.story.get(turnId) ?? 'null') as Story | null,
    settle: () => void sql.settle.run(),
    unsettle: () => void sql.unsettle.run(),
  }

  function find(reference: string, limit: number): readonly Turn[] {
    const exact = sql.exact.all(reference, reference).map(fromRow)
    if (exact.length > 0) return exact
    const digits = digitsOf(reference, ['trn', 'msg'])
    if (digits === null) return []
    const [turnFrom, turnTo] = digitsRange('trn', digits)
    const [messageFrom, messageTo] = digitsRange('msg', digits)
    const position = endPosition('trn', digits)
    return sql.byDigits.all({ turnFrom, turnTo, messageFrom, messageTo, digits, position, limit }).map(fromRow)
  }
}

const SELECT = `
  SELECT turns.*, messages.model, messages.outcome, messages.error_code, messages.error_message, messages.error_hint,
    messages.finish_reason, messages.finish_raw, messages.input_tokens, messages.output_tokens,
    messages.cached_input_tokens, messages.cache_write_tokens, messages.reasoning_tokens, messages.usage_estimated,
    messages.cost_micros, conversations.title
  FROM turns
  JOIN messages ON messages.message_id = turns.message_id
  JOIN conversations ON conversations.conversation_id = turns.conversation_id`

function prepare(database: Database.Database) {
  return {
    insert: database.prepare(`
      INSERT INTO turns (
        turn_id, conversation_id, user_message_id, message_id, asked_model, origin, device_id, started_at
      )
      VALUES (@turnId, @conversationId, @userMessageId, @messageId, @model, @origin, @deviceId, @startedAt)
    `),
    has: database.prepare<[string]>('SELECT 1 FROM turns WHERE turn_id = ?'),
    get: database.prepare<[string], TurnRow>(`${SELECT} WHERE turns.turn_id = ?`),
    exact: database.prepare<[string, string], TurnRow>(`
      ${SELECT}
      WHERE turns.turn_id = ? OR turns.turn_id = (SELECT turn_id FROM messages WHERE message_id = ?)
    `),
    // The beginning of an id is the clock: a few digits of it name thousands, of which the newest are enough.
    byDigits: database.prepare<Digits, TurnRow>(`
      ${SELECT}
      WHERE turns.turn_id IN (
        SELECT * FROM (
          SELECT turn_id FROM turns WHERE turn_id >= @turnFrom AND turn_id < @turnTo
          ORDER BY turn_id DESC LIMIT @limit
        )
        UNION
        SELECT turn_id FROM turns WHERE substr(turn_id, @position) = @digits
        UNION
        SELECT * FROM (
          SELECT turn_id FROM messages WHERE message_id >= @messageFrom AND message_id < @messageTo
          ORDER BY message_id DESC LIMIT 2 * @limit
        )
        UNION
        SELECT turn_id FROM messages
        WHERE message_id IN (SELECT message_id FROM messages WHERE substr(message_id, @position) = @digits)
      )
      ORDER BY turns.turn_key DESC
      LIMIT @limit
    `),
    last: database.prepare<[string], TurnRow>(`
      ${SELECT} WHERE turns.conversation_id = ? ORDER BY turns.turn_key DESC LIMIT 1
    `),
    openedBy: database
      .prepare<[string], DeviceId | null>(`
        SELECT device_id FROM turns WHERE conversation_id = ? ORDER BY turn_key LIMIT 1
      `)
      .pluck(),
    open: database.prepare<[], OpenTurn>(`
      SELECT turn_id AS turnId, message_id AS messageId, asked_model AS model
      FROM turns
      WHERE turn_key > (SELECT value FROM meta WHERE name = 'settled_turn') AND ended_at IS NULL
      ORDER BY turn_key
    `),
    story: database.prepare<[string], string | null>('SELECT story FROM turns WHERE turn_id = ?').pluck(),
    finish: database.prepare<[number | null, number, string | null, string], EndedTurn>(`
      UPDATE turns SET first_part_ms = ?, ended_at = ?, story = ?
      WHERE turn_id = ? AND ended_at IS NULL
      RETURNING conversation_id AS conversationId, device_id AS deviceId, origin, started_at AS startedAt
    `),
    settle: database.prepare(`
      UPDATE meta
      SET value = coalesce(
        (SELECT min(turn_key) - 1 FROM turns WHERE turn_key > value AND ended_at IS NULL),
        (SELECT max(turn_key) FROM turns),
        0
      )
      WHERE name = 'settled_turn'
    `),
    unsettle: database.prepare(`
      UPDATE meta SET value = min(value, coalesce((SELECT max(turn_key) FROM turns), 0)) WHERE name = 'settled_turn'
    `),
  }
}

function started(turn: TurnStart, title: string): Turn {
  const { turnId, conversationId, userMessageId, messageId, model, origin, startedAt } = turn
  return {
    ...{ turnId, conversationId, title, userMessageId, messageId, model, origin, startedAt },
    ...{ status: 'running', wait: null, outcome: null, finish: null, usage: null, costMicros: null },
    ...{ outputTokens: 0, firstPartMs: null, endedAt: null },
  }
}

function toTurn(row: TurnRow | undefined): Turn | null {
  return row === undefined ? null : fromRow(row)
}

function fromRow(row: TurnRow): Turn {
  const usage = fromUsageColumns(row)
  return {
    turnId: row.turn_id,
    conversationId: row.conversation_id,
    title: row.title,
    userMessageId: row.user_message_id,
    messageId: row.message_id,
    model: row.model ?? row.asked_model,
    origin: row.origin,
    status: row.ended_at === null ? 'running' : 'ended',
    wait: null,
    outcome: fromOutcomeColumns(row),
    finish: row.finish_reason === null ? null : { reason: row.finish_reason, raw: row.finish_raw },
    usage,
    costMicros: row.cost_micros,
    outputTokens: usage?.outputTokens ?? 0,
    firstPartMs: row.first_part_ms,
    startedAt: row.started_at,
    endedAt: row.ended_at,
  }
}
