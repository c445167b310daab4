// The text of running replies, as far as it was saved.

import type Database from 'better-sqlite3'
import { EMPTY_REPLY, fold, type MessagePart } from '../../src/protocol/stream.ts'
import type { ReplyChunk } from './store.ts'

export interface ChunkTable {
  /** Only a reply that is still being written takes chunks. */
  insert(chunk: ReplyChunk): void
  /** What the chunks of a message make together. */
  folded(messageKey: number): readonly MessagePart[]
  deleteOf(messageKey: number): void
}

type ChunkRow = Pick<ReplyChunk, 'type' | 'text'>

export function createChunkTable(database: Database.Database): ChunkTable {
  const insert = database.prepare<ReplyChunk>(`
    INSERT INTO chunks (message_key, seq, type, text)
    SELECT message_key, @seq, @type, @text
    FROM messages
    WHERE message_id = @messageId AND role = 'assistant' AND outcome IS NULL
  `)
  const select = database.prepare<[number], ChunkRow>(`
    SELECT type, text FROM chunks WHERE message_key = ? ORDER BY seq, chunk_key
  `)
  const remove = database.prepare<[number]>('DELETE FROM chunks WHERE message_key = ?')
  return {
    insert: (chunk) => void insert.run(chunk),
    folded: (messageKey) => select.all(messageKey).reduce(foldRow, EMPTY_REPLY).parts,
    deleteOf: (messageKey) => void remove.run(messageKey),
  }
}

function foldRow(reply: typeof EMPTY_REPLY, row: ChunkRow): typeof EMPTY_REPLY {
  return fold(reply, { type: row.type === 'text' ? 'text-delta' : 'reasoning-delta', text: row.text })
}
