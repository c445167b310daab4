// What is shown of a match in a long text: FTS5's own snippet() compares each match with every other one, which took
// minutes for a log file of 10 MB and one of its words, and nobody can stop it.

import Database from 'better-sqlite3'

/** Few enough characters that even a text of nothing but matches is quick: measured 40 ms. */
const PIECE_CHARS = 4 * 1024
/** A word or phrase that the end of a piece cuts stands whole in the next. */
const OVERLAP_CHARS = 256
/** Farther into the text nobody looks for what to show. */
export const LOOKED_AT_CHARS = 1024 * 1024

export interface LongSnippets {
  /** The surroundings of the first match of the earliest query that matches at all, as snippet() would give them. */
  of(text: string, queries: readonly string[]): string
}

/** A small index of its own, in memory, that cuts words as the large one does. */
export function createLongSnippets(): LongSnippets {
  const database = new Database(':memory:')
  database.exec(`CREATE VIRTUAL TABLE pieces USING fts5 (text, tokenize = 'unicode61 remove_diacritics 2')`)
  const insert = database.prepare<[string]>('INSERT INTO pieces (text) VALUES (?)')
  const clear = database.prepare('DELETE FROM pieces')
  const first = database
    .prepare<[string], string>(`
      SELECT snippet(pieces, 0, char(2), char(3), '…', 16) FROM pieces WHERE pieces MATCH ? ORDER BY rowid LIMIT 1
    `)
    .pluck()
  const fill = database.transaction((text: string) => {
    clear.run()
    const end = Math.min(text.length, LOOKED_AT_CHARS)
    for (let start = 0; start < end; start += PIECE_CHARS - OVERLAP_CHARS) {
      insert.run(text.slice(start, start + PIECE_CHARS).toWellFormed())
    }
  })
  return {
    of(text, queries) {
      fill(text)
      for (const query of queries) {
        const snippet = first.get(query)
        if (snippet !== undefined) return snippet
      }
      return text.slice(0, PIECE_CHARS)
    },
  }
}
