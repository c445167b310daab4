// The store as the rest of the daemon knows it. Asynchronous at its edge: another engine may stand behind it.

import type { ErrorInfo } from '../../src/protocol/errors.ts'
import type { ConversationId, DeviceId, MessageId, TurnId } from '../../src/protocol/ids.ts'
import type { Conversation, Message, Turn } from '../../src/protocol/schema/entities.ts'
import type { RequestOf, ResponseOf } from '../../src/protocol/schema/operations.ts'
import type { Story } from '../../src/protocol/schema/story.ts'
import type { Finish, MessagePart, Usage } from '../../src/protocol/stream.ts'
import type { DeviceStore } from './device-store.ts'
import type { ResponseStore } from './response-store.ts'
import type { UsageStore } from './usage-store.ts'

export type Parameters = Conversation['parameters']
export type Origin = Turn['origin']
export type Outcome = NonNullable<Turn['outcome']>
export type SearchHit = ResponseOf<'conversations.search'>['hits'][number]
export type Place = RequestOf<'conversations.latest'>['place']

export interface Store {
  readonly conversations: ConversationStore
  readonly messages: MessageStore
  readonly turns: TurnStore
  readonly responses: ResponseStore
  readonly usage: UsageStore
  readonly devices: DeviceStore
  readonly maintenance: StoreMaintenance
  /** Reserves `count` sequence numbers for ever and answers the first; no number is given twice, restarts included. */
  reserveSequence(count: number): Promise<number>
  /** Writes what is pending, ends workers, closes the database; then rejects where something could not be saved. */
  close(): Promise<void>
}

export interface NewConversation {
  readonly conversationId: ConversationId
  readonly title: string
  readonly model: string | null
  readonly system: string | null
  readonly parameters: Parameters
  /** Absent or null: what the settings say. */
  readonly fallback?: Conversation['fallback']
  readonly createdAt: number
}

export interface ConversationPatch {
  readonly title?: string
  readonly model?: string | null
  readonly system?: string | null
  readonly parameters?: Parameters
  readonly fallback?: Conversation['fallback']
  readonly leafId?: MessageId
}

export interface LatestConversation {
  readonly conversation: Conversation | null
  readonly match: 'terminal' | 'directory' | 'anywhere' | null
}

/** What was said up to a message, in few words. */
export interface Summary {
  readonly upTo: MessageId
  readonly text: string
  /** That made it, `provider/model`. */
  readonly model: string
  readonly createdAt: number
}

export interface ConversationStore {
  create(conversation: NewConversation): Promise<Conversation>
  get(conversationId: ConversationId): Promise<Conversation | null>
  /**
   * Those that a reference names: an exact id; else four or more first or last digits of one (with or
   * without `cnv_`); else an exact title; else a part of a title, case ignored. At most `limit`, newest used first.
   */
  find(reference: string, limit: number): Promise<readonly Conversation[]>
  /** Newest used first; `query` keeps titles that contain it; `before` is an exclusive `usedAt`. */
  list(page: { limit: number; before?: number; query?: string }): Promise<readonly Conversation[]>
  latest(place: Place): Promise<LatestConversation>
  /** Null where there is none of that id. */
  update(conversationId: ConversationId, patch: ConversationPatch): Promise<Conversation | null>
  /** Of its beginning; null: none was made. */
  summary(conversationId: ConversationId): Promise<Summary | null>
  /** In place of the one before; nothing of the conversation changes. One that is gone needs none. */
  keepSummary(conversationId: ConversationId, summary: Summary): Promise<void>
  /** Removes messages, chunks, search rows; ledger rows stay, without a link. False where there is none. */
  delete(conversationId: ConversationId): Promise<boolean>
}

export interface MessagePage {
  /** Oldest first. */
  readonly messages: readonly Message[]
  readonly hasMore: boolean
}

export interface SearchResult {
  readonly hits: readonly SearchHit[]
  readonly truncated: boolean
}

export interface MessageStore {
  get(messageId: MessageId): Promise<Message | null>
  /** A page of the branch that ends at the conversation's leaf: the newest, or what comes before a message of it. */
  page(conversationId: ConversationId, page: { limit: number; before?: MessageId }): Promise<MessagePage>
  /** The branch that ends at `leafId`, oldest first; at most the `limit` newest messages of it. */
  branch(leafId: MessageId, limit: number): Promise<readonly Message[]>
  /** Full text, best first; bounded by design and run beside the main thread. */
  search(query: string, limit: number): Promise<SearchResult>
}

/** What is saved before anyone is called. */
export interface TurnStart {
  readonly turnId: TurnId
  readonly conversationId: ConversationId
  /** Given where the turn opens its conversation: created in the same transaction. */
  readonly newConversation: NewConversation | null
  /** Null: the first message. */
  readonly parentId: MessageId | null
  readonly userMessageId: MessageId
  readonly messageId: MessageId
  readonly userParts: readonly MessagePart[]
  readonly model: string
  readonly origin: Origin
  readonly deviceId: DeviceId | null
  readonly place: Place | null
  readonly startedAt: number
}

/** Text to be saved with the next tick; `seq` is that of the last event it was published with. */
export interface ReplyChunk {
  readonly messageId: MessageId
  readonly seq: number
  readonly type: 'text' | 'reasoning'
  readonly text: string
}

/** One call of one provider within a turn. */
export interface Attempt {
  readonly number: number
  /** `provider/model`. */
  readonly model: string
  readonly startedAt: number
  readonly firstPartMs: number | null
  readonly endedAt: number
  readonly error: ErrorInfo | null
  /** The vendor's id of the request, to quote in a support case. */
  readonly requestId: string | null
}

/** One row of the ledger: every call of everyone, never a word of text. */
export interface LedgerEntry {
  readonly turnId: TurnId
  readonly deviceId: DeviceId | null
  readonly origin: Origin
  readonly model: string
  readonly usage: Usage | null
  /** Millionths of a dollar; null where the price is unknown. */
  readonly costMicros: number | null
  readonly outcome: Outcome
  readonly attempts: number
  readonly startedAt: number
  readonly endedAt: number
}

export interface TurnEnd {
  readonly turnId: TurnId
  readonly messageId: MessageId
  readonly parts: readonly MessagePart[]
  readonly model: string
  readonly outcome: Outcome
  readonly finish: Finish | null
  readonly usage: Usage | null
  readonly costMicros: number | null
  readonly firstPartMs: number | null
  readonly endedAt: number
  readonly attempts: readonly Attempt[]
  /** Null of a turn that was killed. */
  readonly story: Story | null
}

export interface TurnStore {
  /**
   * Saves the user's message, the empty reply and, where it is new, the conversation, in one durable transaction;
   * the conversation's leaf becomes the reply. A turn id that is known changes nothing: `created` is false.
   */
  start(turn: TurnStart): Promise<{ readonly turn: Turn; readonly created: boolean }>
  /** Buffers; all streams are written in one transaction at most 100 ms later. */
  append(chunk: ReplyChunk): void
  /**
   * Folds the reply, writes attempts and the ledger row, in one durable transaction; every search from then on finds
   * question and answer. Resolves once it is saved, however long the disk is full. Of a deleted conversation only the
   * ledger is written.
   */
  end(end: TurnEnd): Promise<void>
  /** Buffers the ledger row of a turn that lived in memory only; it is written with the next commit, 100 ms later at most. */
  record(entry: LedgerEntry): void
  get(turnId: TurnId): Promise<Turn | null>
  /** Its calls, oldest first, and its story; null where that was never told. */
  why(turnId: TurnId): Promise<{ readonly attempts: readonly Attempt[]; readonly story: Story | null }>
  /** An exact id, or four or more first or last digits of a turn's or a message's id; newest first. */
  find(reference: string, limit: number): Promise<readonly Turn[]>
  /** The newest turn of a conversation. */
  last(conversationId: ConversationId): Promise<Turn | null>
  /** The device whose turn is its first; null where that is the owner's, or where there is none. */
  openedBy(conversationId: ConversationId): Promise<DeviceId | null>
  /**
   * Ends every turn that a killed daemon left open as failed with code `interrupted`, its chunks folded into its
   * message, and finds again what was not indexed. Called once, before the daemon listens; answers the messages it
   * ended.
   */
  recover(at: number): Promise<readonly Message[]>
}

/**
 * `full`: new turns are refused, running replies wait in memory and are saved when there is room. `suspect`: the disk
 * failed once or a check found damage; work goes on, and only a check that finds nothing ends it.
 */
export type StorageState = 'ok' | 'full' | 'suspect'

export interface StoreMaintenance {
  state(): StorageState
  /** Full `integrity_check` and that of the search index, beside the main thread. */
  check(): Promise<{ readonly ok: boolean; readonly problems: readonly string[]; readonly messages: number }>
  /** SQLite's online backup into a new file of mode 0600; refuses to overwrite. */
  backup(file: string): Promise<{ readonly bytes: number }>
  readonly engine: string
  readonly file: string
}
