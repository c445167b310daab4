// Full-text search that is bounded by design, because a running query cannot be cancelled.

import type Database from 'better-sqlite3'
import { createLongSnippets, LOOKED_AT_CHARS, type LongSnippets } from './long-snippet.ts'
import { type SearchQuery, toSearchQuery } from './search-query.ts'
import { cutSnippet } from './search-snippet.ts'
import type { SearchHit, SearchResult } from './store.ts'

export type Search = (query: string, limit: number) => SearchResult

/** Ranked are the newest matches only. Measured over a million messages: 37 ms, against 2.6 s for ranking all. */
const RANKED_MAX = 500
/** From here on FTS5 does not cut the snippet: it takes the square of the number of matches. */
const LONG_BYTES = 16 * 1024
/** Of titles that match, at least this part of the answer. */
const TITLE_SHARE = 0.25

interface HitRow {
  readonly key: number
  readonly conversation_id: SearchHit['conversationId']
  readonly title: string
  readonly message_id: SearchHit['messageId']
  readonly role: SearchHit['role']
  readonly created_at: number
  readonly snippet: string
}

interface Found {
  /** The FTS5 query that found them. */
  readonly match: string
  /** Newest first. */
  readonly keys: readonly number[]
  readonly truncated: boolean
}

export function createSearch(database: Database.Database): Search {
  const sql = prepare(database)
  let longSnippets: LongSnippets | null = null
  return (text, limit) => {
    const query = toSearchQuery(text)
    if (query === null) return { hits: [], truncated: false }
    const found = findNewest(query)
    const messages = withSnippets(query, found.match, ranked(query, found.keys).slice(0, limit))
    const titles = sql.titles.all(query.open ?? query.exact, limit)
    return { hits: merge(titles, messages, limit).map(fromRow), truncated: found.truncated }
  }

  /** Looking a prefix up costs ten times as much as a word, so a word that is common enough by itself is not completed. */
  function findNewest(query: SearchQuery): Found {
    const exact = newest(query.exact)
    return exact.truncated || query.open === null ? exact : newest(query.open)
  }

  function newest(match: string): Found {
    const keys = sql.newest.all(match, RANKED_MAX + 1)
    return { match, keys: keys.slice(0, RANKED_MAX), truncated: keys.length > RANKED_MAX }
  }

  /** By the words as they were typed; what only continues the last of them comes after, newest first. */
  function ranked(query: SearchQuery, keys: readonly number[]): readonly number[] {
    if (keys.length < 2) return keys
    const rows = sql.scores.all(among(query.words, keys))
    const scores = new Map(rows.map(({ key, score }) => [key, score]))
    // The score of bm25() is the lower, the better.
    return keys.toSorted((a, b) => (scores.get(a) ?? 0) - (scores.get(b) ?? 0))
  }

  function withSnippets(query: SearchQuery, match: string, keys: readonly number[]): readonly HitRow[] {
    if (keys.length === 0) return []
    const long = sql.long.all(JSON.stringify(keys), LONG_BYTES)
    const short = keys.filter((key) => !long.includes(key))
    const rows = [...sql.messages.all(among(match, short)), ...long.flatMap((key) => longRow(query, match, key))]
    const byKey = new Map(rows.map((row) => [row.key, row]))
    return keys.map((key) => byKey.get(key)).filter((row) => row !== undefined)
  }

  /** Where the words stand far from each other, one of them is shown. */
  function longRow({ words, open }: SearchQuery, match: string, key: number): readonly HitRow[] {
    const row = sql.longMessage.get(LOOKED_AT_CHARS, key)
    if (row === undefined) return []
    longSnippets ??= createLongSnippets()
    return [{ ...row, snippet: longSnippets.of(row.snippet, [match, match === open ? `${words} *` : words]) }]
  }
}

interface Among {
  readonly match: string
  /** JSON. */
  readonly keys: string
  readonly count: number
}

function among(match: string, keys: readonly number[]): Among {
  return { match, keys: JSON.stringify(keys), count: keys.length }
}

function prepare(database: Database.Database) {
  return {
    newest: database
      .prepare<[string, number], number>(`
        SELECT rowid FROM message_search WHERE message_search MATCH ? ORDER BY rowid DESC LIMIT ?
      `)
      .pluck(),
    // From the newest on and only until all are found: the keys are among the newest matches, and a lower bound of
    // rowid does not make FTS5 stop. The plus keeps the list out of the full-text query, which would run once for each.
    scores: database.prepare<Among, { key: number; score: number }>(`
      SELECT rowid AS key, bm25(message_search) AS score
      FROM message_search
      WHERE message_search MATCH @match AND +rowid IN (SELECT value FROM json_each(@keys))
      ORDER BY rowid DESC
      LIMIT @count
    `),
    messages: database.prepare<Among, HitRow>(`
      WITH found AS MATERIALIZED (
        SELECT rowid AS key, snippet(message_search, 0, char(2), char(3), '…', 16) AS snippet
        FROM message_search
        WHERE message_search MATCH @match AND +rowid IN (SELECT value FROM json_each(@keys))
        ORDER BY rowid DESC
        LIMIT @count
      )
      SELECT found.key, found.snippet, message_id, role, messages.created_at, conversation_id, title
      FROM found
      JOIN messages ON messages.message_key = found.key
      JOIN conversations USING (conversation_id)
    `),
    // Of a text, the length is known without reading it.
    long: database
      .prepare<[string, number], number>(`
        SELECT message_key
        FROM parts
        WHERE message_key IN (SELECT value FROM json_each(?)) AND type = 'text'
        GROUP BY message_key
        HAVING sum(octet_length(text)) > ?
      `)
      .pluck(),
    longMessage: database.prepare<[number, number], HitRow>(`
      SELECT message_key AS key, substr(text, 1, ?) AS snippet, message_id, role, messages.created_at,
        messages.conversation_id, title
      FROM searchable
      JOIN messages USING (message_key)
      JOIN conversations ON conversations.conversation_id = messages.conversation_id
      WHERE message_key = ?
    `),
    titles: database.prepare<[string, number], HitRow>(`
      WITH newest AS MATERIALIZED (
        SELECT rowid AS conversation_key, bm25(title_search) AS score,
          highlight(title_search, 0, char(2), char(3)) AS snippet
        FROM title_search
        WHERE title_search MATCH ?
        ORDER BY rowid DESC
        LIMIT ${RANKED_MAX}
      )
      SELECT message_key AS key, newest.snippet, message_id, role, messages.created_at, conversation_id, title
      FROM newest
      JOIN conversations USING (conversation_key)
      JOIN messages USING (conversation_id)
      WHERE message_key = (
        SELECT min(message_key) FROM messages AS first WHERE first.conversation_id = conversations.conversation_id
      )
      ORDER BY newest.score, conversation_key DESC
      LIMIT ?
    `),
  }
}

/** Titles first, but not only; a message that matches itself shows itself. */
function merge(titles: readonly HitRow[], messages: readonly HitRow[], limit: number): readonly HitRow[] {
  const room = Math.max(Math.ceil(limit * TITLE_SHARE), limit - messages.length)
  const byKey = new Map(messages.map((row) => [row.key, row]))
  const first = titles.slice(0, room).map((row) => byKey.get(row.key) ?? row)
  const seen = new Set(first.map(({ key }) => key))
  return [...first, ...messages.filter(({ key }) => !seen.has(key))].slice(0, limit)
}

function fromRow(row: HitRow): SearchHit {
  return {
    conversationId: row.conversation_id,
    title: row.title,
    messageId: row.message_id,
    role: row.role,
    createdAt: row.created_at,
    snippet: cutSnippet(row.snippet),
  }
}
