// The tables, as an ordered list of migrations. One that was released is never edited; a change is a new one at the end.

import type Database from 'better-sqlite3'
import { addFallback, countUnpriced, createSummaries } from './conversation-schema.ts'
import { createDevices } from './device-schema.ts'
import { orderForOlderSqlite } from './search-schema.ts'

/** Says at the head of the file whose database it is: "nttr". */
export const APPLICATION_ID = 0x6e747472

export type Migration = (database: Database.Database) => void

export const MIGRATIONS: readonly Migration[] = [
  createConversations,
  createTurns,
  createLedger,
  createSearch,
  addStories,
  createResponses,
  createOtherParts,
  createDevices,
  addFallback,
  createSummaries,
  countUnpriced,
  orderForOlderSqlite,
]

/**
 * What people come back to: conversations, their tree of messages, and where each was last used. Every index is one
 * page more to write for each turn, so there is none for what people rarely do and a scan answers in milliseconds
 * (an id by its last digits: 12 ms among 100,000), nor for parents, which are checked when a turn starts and go with
 * their conversation only.
 */
function createConversations(database: Database.Database): void {
  database.pragma(`application_id = ${APPLICATION_ID}`)
  database.exec(`
    CREATE TABLE conversations (
      conversation_key INTEGER PRIMARY KEY,
      conversation_id TEXT NOT NULL UNIQUE,
      title TEXT NOT NULL,
      title_folded TEXT NOT NULL,
      model TEXT,
      system TEXT,
      parameters TEXT NOT NULL,
      leaf_id TEXT,
      message_count INTEGER NOT NULL DEFAULT 0,
      cost_micros INTEGER NOT NULL DEFAULT 0,
      created_at INTEGER NOT NULL,
      used_at INTEGER NOT NULL UNIQUE
    ) STRICT;

    CREATE TABLE messages (
      message_key INTEGER PRIMARY KEY,
      message_id TEXT NOT NULL UNIQUE,
      conversation_id TEXT NOT NULL REFERENCES conversations (conversation_id) ON DELETE CASCADE,
      parent_id TEXT,
      turn_id TEXT NOT NULL,
      role TEXT NOT NULL CHECK (role IN ('user', 'assistant')),
      model TEXT,
      outcome TEXT CHECK (outcome IN ('completed', 'cancelled', 'failed')),
      error_code TEXT,
      error_message TEXT,
      error_hint TEXT,
      finish_reason TEXT,
      finish_raw TEXT,
      input_tokens INTEGER,
      output_tokens INTEGER,
      cached_input_tokens INTEGER,
      cache_write_tokens INTEGER,
      reasoning_tokens INTEGER,
      usage_estimated INTEGER,
      cost_micros INTEGER,
      created_at INTEGER NOT NULL
    ) STRICT;
    CREATE INDEX messages_by_conversation ON messages (conversation_id);

    CREATE TABLE parts (
      message_key INTEGER NOT NULL REFERENCES messages (message_key) ON DELETE CASCADE,
      position INTEGER NOT NULL,
      type TEXT NOT NULL CHECK (type IN ('text', 'reasoning')),
      text TEXT NOT NULL,
      PRIMARY KEY (message_key, position)
    ) STRICT, WITHOUT ROWID;

    CREATE TABLE places (
      kind TEXT NOT NULL CHECK (kind IN ('terminal', 'directory')),
      name TEXT NOT NULL,
      conversation_id TEXT NOT NULL REFERENCES conversations (conversation_id) ON DELETE CASCADE,
      used_at INTEGER NOT NULL,
      PRIMARY KEY (kind, name, used_at, conversation_id)
    ) STRICT, WITHOUT ROWID;
    CREATE INDEX places_by_conversation ON places (conversation_id);
  `)
}

/**
 * What happens while an answer comes in: turns, the text saved so far, and every call that was made for it. All turns
 * up to `settled_turn` have ended and are in the search index, so after a kill only those above it are looked at.
 */
function createTurns(database: Database.Database): void {
  database.exec(`
    CREATE TABLE turns (
      turn_key INTEGER PRIMARY KEY,
      turn_id TEXT NOT NULL UNIQUE,
      conversation_id TEXT NOT NULL REFERENCES conversations (conversation_id) ON DELETE CASCADE,
      user_message_id TEXT NOT NULL,
      message_id TEXT NOT NULL,
      asked_model TEXT NOT NULL,
      origin TEXT NOT NULL,
      device_id TEXT,
      first_part_ms INTEGER,
      started_at INTEGER NOT NULL,
      ended_at INTEGER
    ) STRICT;
    CREATE INDEX turns_by_conversation ON turns (conversation_id);

    CREATE TABLE chunks (
      chunk_key INTEGER PRIMARY KEY,
      message_key INTEGER NOT NULL REFERENCES messages (message_key) ON DELETE CASCADE,
      seq INTEGER NOT NULL,
      type TEXT NOT NULL CHECK (type IN ('text', 'reasoning')),
      text TEXT NOT NULL
    ) STRICT;
    CREATE INDEX chunks_by_message ON chunks (message_key, seq);

    CREATE TABLE attempts (
      turn_id TEXT NOT NULL REFERENCES turns (turn_id) ON DELETE CASCADE,
      number INTEGER NOT NULL,
      model TEXT NOT NULL,
      started_at INTEGER NOT NULL,
      first_part_ms INTEGER,
      ended_at INTEGER NOT NULL,
      error_code TEXT,
      error_message TEXT,
      error_hint TEXT,
      request_id TEXT,
      PRIMARY KEY (turn_id, number)
    ) STRICT, WITHOUT ROWID;

    CREATE TABLE meta (
      name TEXT PRIMARY KEY,
      value INTEGER NOT NULL
    ) STRICT, WITHOUT ROWID;
    INSERT INTO meta (name, value) VALUES ('next_sequence', 1), ('settled_turn', 0);
  `)
}

/**
 * What every call cost, whoever made it; without text or link, so it outlives the conversation. Outcome is null only
 * where a conversation went while its turn ran. In order of time, because sums over months are what is asked of it.
 */
function createLedger(database: Database.Database): void {
  database.exec(`
    CREATE TABLE ledger (
      turn_id TEXT NOT NULL,
      device_id TEXT,
      origin TEXT NOT NULL,
      model TEXT NOT NULL,
      outcome TEXT CHECK (outcome IN ('completed', 'cancelled', 'failed')),
      error_code TEXT,
      input_tokens INTEGER,
      output_tokens INTEGER,
      cached_input_tokens INTEGER,
      cache_write_tokens INTEGER,
      reasoning_tokens INTEGER,
      usage_estimated INTEGER,
      cost_micros INTEGER,
      attempts INTEGER NOT NULL DEFAULT 0,
      started_at INTEGER NOT NULL,
      ended_at INTEGER,
      PRIMARY KEY (started_at, turn_id)
    ) STRICT, WITHOUT ROWID;
    CREATE INDEX ledger_open ON ledger (turn_id) WHERE outcome IS NULL;
  `)
}

/**
 * Full text of titles and of the messages of ended turns. The text stays in its tables and the index points there;
 * prefixes of two letters are indexed because without them a last word of which no more is typed takes 100 ms over
 * 100,000 messages instead of 7. Those of three would save 5 ms there, and cost a quarter of the indexing.
 */
function createSearch(database: Database.Database): void {
  database.exec(`
    CREATE VIEW searchable AS
    SELECT messages.message_key, messages.conversation_id, (
      SELECT group_concat(parts.text, '' ORDER BY parts.position)
      FROM parts
      WHERE parts.message_key = messages.message_key AND parts.type = 'text'
    ) AS text
    FROM messages
    JOIN turns ON turns.turn_id = messages.turn_id
    WHERE turns.ended_at IS NOT NULL;

    CREATE VIRTUAL TABLE message_search USING fts5 (
      text,
      content = 'searchable', content_rowid = 'message_key',
      tokenize = 'unicode61 remove_diacritics 2', prefix = '2'
    );
    CREATE VIRTUAL TABLE title_search USING fts5 (
      title,
      content = 'conversations', content_rowid = 'conversation_key',
      tokenize = 'unicode61 remove_diacritics 2', prefix = '2'
    );
  `)
}

/** Why a turn went as it did, as JSON: read one at a time by whoever asks, and searched by nobody. */
function addStories(database: Database.Database): void {
  database.exec('ALTER TABLE turns ADD COLUMN story TEXT')
}

/** Whole answers by a hash of who asked whom for what; nothing of the question can be read back from it. */
function createResponses(database: Database.Database): void {
  database.exec(`
    CREATE TABLE responses (
      key TEXT PRIMARY KEY,
      reply TEXT NOT NULL,
      bytes INTEGER NOT NULL,
      cost_micros INTEGER,
      created_at INTEGER NOT NULL
    ) STRICT, WITHOUT ROWID;
    CREATE INDEX responses_by_age ON responses (created_at, bytes);
  `)
}

/**
 * Parts that are neither text nor reasoning: what one is besides its text stands in `facts`, as JSON. Beside the older
 * table and not in it, because a table whose CHECK changes is copied, with every text that was ever written.
 */
function createOtherParts(database: Database.Database): void {
  database.exec(`
    CREATE TABLE other_parts (
      message_key INTEGER NOT NULL REFERENCES messages (message_key) ON DELETE CASCADE,
      position INTEGER NOT NULL,
      type TEXT NOT NULL,
      text TEXT NOT NULL,
      facts TEXT NOT NULL,
      PRIMARY KEY (message_key, position)
    ) STRICT, WITHOUT ROWID;
  `)
}
