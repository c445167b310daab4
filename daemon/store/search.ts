// Full-text search that is bounded by design, because a running query cannot be cancelled.

import type Database from 'better-sqlite3'
import { toSearchQuery } from './search-query.ts'
import type { SearchHit, SearchResult } from './store.ts'

export type Search = (query: string, limit: number) => SearchResult

/** Ranked are the newest matches only. Measured over a million messages: 37 ms, against 2.6 s for ranking all. */
const RANKED_MAX = 500
/** Of a title that matches, at least this part of the answer. */
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

export function createSearch(database: Database.Database): Search {
  const sql = prepare(database)
  return (text, limit) => {
    const query = toSearchQuery(text)
    if (query === null) return { hits: [], truncated: false }
    const newest = sql.newest.all(query, RANKED_MAX + 1)
    const ranked = newest
      .slice(0, RANKED_MAX)
      .sort((a, b) => a.score - b.score || b.key - a.key)
      .slice(0, limit)
    const messages = ranked.length === 0 ? [] : inOrder(ranked, sql.messages.all(snippetOf(query, ranked)))
    const titles = sql.titles.all(query, limit)
    return { hits: merge(titles, messages, limit).map(fromRow), truncated: newest.length > RANKED_MAX }
  }
}

function prepare(database: Database.Database) {
  return {
    newest: database.prepare<[string, number], { key: number; score: number }>(`
      SELECT rowid AS key, bm25(message_search) AS score
      FROM message_search
      WHERE message_search MATCH ?
      ORDER BY rowid DESC
      LIMIT ?
    `),
    // One pass for all snippets: asked for row by row, a prefix would be looked up anew for each. The plus keeps
    // the list of keys out of the full-text query for the same reason.
    messages: database.prepare<ReturnType<typeof snippetOf>, HitRow>(`
      WITH found AS MATERIALIZED (
        SELECT rowid AS key, snippet(message_search, 0, char(2), char(3), '…', 16) AS snippet
        FROM message_search
        WHERE message_search MATCH @query AND rowid BETWEEN @first AND @last
          AND +rowid IN (SELECT value FROM json_each(@keys))
      )
      SELECT found.key, found.snippet, message_id, role, messages.created_at, conversation_id, title
      FROM found
      JOIN messages ON messages.message_key = found.key
      JOIN conversations USING (conversation_id)
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

function snippetOf(query: string, ranked: readonly { readonly key: number }[]) {
  const keys = ranked.map(({ key }) => key)
  return { query, first: Math.min(...keys), last: Math.max(...keys), keys: JSON.stringify(keys) }
}

function inOrder(ranked: readonly { readonly key: number }[], rows: readonly HitRow[]): readonly HitRow[] {
  const byKey = new Map(rows.map((row) => [row.key, row]))
  return ranked.map(({ key }) => byKey.get(key)).filter((row) => row !== undefined)
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
    snippet: row.snippet,
  }
}
