// The WAL stays small without the main thread.

import { statSync } from 'node:fs'
import Database from 'better-sqlite3'
import { expect, it } from 'vitest'
import { openTemporaryStore, saveTurn } from '../../helpers/store.ts'

interface WalRow {
  readonly log: number
  readonly checkpointed: number
}

it('openStore() copies a grown WAL into the database while it is in use', async () => {
  await using opened = await openTemporaryStore()
  const { store, file } = opened
  const observer = new Database(file)
  try {
    const look = observer.prepare<[], WalRow>('PRAGMA wal_checkpoint(NOOP)')
    await saveTurn(store, { answer: 'long '.repeat(1_500_000) })
    const before = look.get()
    expect((before?.log ?? 0) * 4096).toBeGreaterThan(4 * 1024 * 1024)
    expect(before?.checkpointed).toBe(0)
    expect(statSync(file).size).toBeLessThan(4 * 1024 * 1024)
    await expect.poll(() => statSync(file).size, { timeout: 20_000 }).toBeGreaterThan(4 * 1024 * 1024)
    await expect.poll(() => look.get()).not.toMatchObject({ checkpointed: 0 })
  } finally {
    observer.close()
  }
})
