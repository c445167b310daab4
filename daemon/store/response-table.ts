// Whole answers by what was asked, for callers that want the same question answered the same way for nothing.

import type Database from 'better-sqlite3'
import type { CachedResponse } from './response-store.ts'

export interface ResponseTable {
  /** Null where there is none, or only an older one. */
  get(key: string, notBefore: number): CachedResponse | null
  /** Replaces what was there; the oldest go until all together are no more than `maxBytes`. */
  put(response: CachedResponse, maxBytes: number): void
}

interface ResponseRow {
  readonly reply: string
  readonly cost_micros: number | null
  readonly created_at: number
}

export function createResponseTable(database: Database.Database): ResponseTable {
  const get = database.prepare<[string, number], ResponseRow>(`
    SELECT reply, cost_micros, created_at FROM responses WHERE key = ? AND created_at >= ?
  `)
  const put = database.prepare<[string, string, number, number | null, number]>(`
    INSERT OR REPLACE INTO responses (key, reply, bytes, cost_micros, created_at) VALUES (?, ?, ?, ?, ?)
  `)
  const total = database.prepare<[], number | null>('SELECT sum(bytes) FROM responses').pluck()
  const dropOldest = database.prepare(
    'DELETE FROM responses WHERE key = (SELECT key FROM responses ORDER BY created_at LIMIT 1)',
  )
  return {
    get(key, notBefore) {
      const row = get.get(key, notBefore)
      if (row === undefined) return null
      return { key, reply: JSON.parse(row.reply), costMicros: row.cost_micros, createdAt: row.created_at }
    },
    put({ key, reply, costMicros, createdAt }, maxBytes) {
      const json = JSON.stringify(reply)
      const bytes = Buffer.byteLength(json)
      if (bytes > maxBytes) return
      put.run(key, json, bytes, costMicros, createdAt)
      while ((total.get() ?? 0) > maxBytes) dropOldest.run()
    },
  }
}
