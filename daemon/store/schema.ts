// The tables, as an ordered list of migrations. One that was released is never edited; a change is a new one at the end.

import type Database from 'better-sqlite3'

/** Says at the head of the file whose database it is: "nttr". */
export const APPLICATION_ID = 0x6e747472

export type Migration = (database: Database.Database) => void

export const MIGRATIONS: readonly Migration[] = [createConversations, createTurns, createLedger, createSearch]

/** What people come back to: conversations, their tree of messages, and where each was last used. */
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
    CREATE INDEX conversations_by_end ON conversations (substr(conversation_id, -4));
    CREATE INDEX conversations_by_title ON conversations (title);

    CREATE TABLE messages (
      message_key INTEGER PRIMARY KEY,
      message_id TEXT NOT NULL UNIQUE,
      conversation_id TEXT NOT NULL REFERENCES conversations (conversation_id) ON DELETE CASCADE,
      parent_id TEXT REFERENCES messages (message_id),
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
    CREATE INDEX messages_by_parent ON messages (parent_id);
    CREATE INDEX messages_by_end ON messages (substr(message_id, -4));

    CREATE TABLE parts (
      message_key INTEGER NOT NULL REFERENCES messages (message_key) ON DELETE CASCADE,
      position INTEGER NOT NULL,
      type TEXT NOT NULL CHECK (type IN ('text', 'reasoning')),
      text TEXT NOT NULL,
      PRIMARY KEY (message_key, position)
    ) STRICT;

    CREATE TABLE places (
      kind TEXT NOT NULL CHECK (kind IN ('terminal', 'directory')),
      name TEXT NOT NULL,
      conversation_id TEXT NOT NULL REFERENCES conversations (conversation_id) ON DELETE CASCADE,
      used_at INTEGER NOT NULL,
      PRIMARY KEY (kind, name, conversation_id)
    ) STRICT, WITHOUT ROWID;
    CREATE INDEX places_by_conversation ON places (conversation_id);
  `)
}

/** What happens while an answer comes in: turns, the text saved so far, and every call that was made for it. */
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
    CREATE INDEX turns_by_end ON turns (substr(turn_id, -4));
    CREATE INDEX turns_open ON turns (turn_key) WHERE ended_at IS NULL;

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
    INSERT INTO meta (name, value) VALUES ('next_sequence', 1);
  `)
}

/** What every call cost, whoever made it; without text, so it may outlive the conversation. Open while outcome is null. */
function createLedger(database: Database.Database): void {
  database.exec(`
    CREATE TABLE ledger (
      ledger_key INTEGER PRIMARY KEY,
      turn_id TEXT NOT NULL UNIQUE,
      conversation_id TEXT REFERENCES conversations (conversation_id) ON DELETE SET NULL,
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
      ended_at INTEGER
    ) STRICT;
    CREATE INDEX ledger_by_start ON ledger (started_at);
    CREATE INDEX ledger_by_conversation ON ledger (conversation_id) WHERE conversation_id IS NOT NULL;
    CREATE INDEX ledger_open ON ledger (ledger_key) WHERE outcome IS NULL;
  `)
}

/**
 * Full text of titles and of the messages of ended turns. The text stays in its tables and the index points there;
 * prefixes of two and three letters are indexed because without them the last word, which may be half typed,
 * takes 100 ms over 100,000 messages instead of 3.
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
      tokenize = 'unicode61 remove_diacritics 2', prefix = '2 3'
    );
    CREATE VIRTUAL TABLE title_search USING fts5 (
      title,
      content = 'conversations', content_rowid = 'conversation_key',
      tokenize = 'unicode61 remove_diacritics 2', prefix = '2 3'
    );
  `)
}
