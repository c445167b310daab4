// Shared transactions: few commits for many, and no failure of one is a failure of all.

import { symlink } from 'node:fs/promises'
import { join } from 'node:path'
import Database from 'better-sqlite3'
import { expect, it } from 'vitest'
import { createGroupCommit, type GroupCommit } from '../../../daemon/store/group-commit.ts'
import { createHealth, type Health } from '../../../daemon/store/health.ts'
import { createWalSync } from '../../../daemon/store/wal-sync.ts'
import { temporaryDirectory } from '../../helpers/store.ts'

interface Fixture extends AsyncDisposable {
  readonly database: Database.Database
  readonly group: GroupCommit
  readonly health: Health
  /** For each commit, whether something still waited. */
  readonly commits: boolean[]
  rows(): readonly number[]
  insert(value: number): () => number
}

async function createFixture(closePatienceMs = 5_000): Promise<Fixture> {
  const directory = await temporaryDirectory()
  const file = join(directory.path, 'group.db')
  const database = new Database(file, { timeout: 0 })
  database.pragma('journal_mode = WAL')
  database.exec('CREATE TABLE numbers (value INTEGER NOT NULL UNIQUE, filling BLOB) STRICT')
  const health = createHealth(() => {})
  const sync = createWalSync({ file, heal: () => {}, onFailure: (error) => void health.failed(error) })
  const commits: boolean[] = []
  const group = createGroupCommit({
    ...{ database, sync, health, retryMs: 5, closePatienceMs },
    onCommit: (waiting) => {
      commits.push(waiting)
      if (!waiting) health.saved()
    },
    onLater: sync.dirty,
  })
  const statement = database.prepare('INSERT INTO numbers (value) VALUES (?)')
  return {
    ...{ database, group, health, commits },
    rows: () => database.prepare<[], number>('SELECT value FROM numbers ORDER BY rowid').pluck().all(),
    insert: (value) => () => statement.run(value).changes,
    [Symbol.asyncDispose]: async () => {
      await group.close()
      await sync.close()
      database.close()
      await directory[Symbol.asyncDispose]()
    },
  }
}

it('createGroupCommit() saves what arrives together in one commit, in order', async () => {
  await using fixture = await createFixture()
  const { group, insert } = fixture
  const writes = Array.from({ length: 20 }, (_, value) => group.write('Cannot count', insert(value)))
  expect(await Promise.all(writes)).toEqual(writes.map(() => 1))
  expect(fixture.rows()).toEqual(writes.map((_, value) => value))
  // One, or a few where the machine is so slow that a group reached its limit of time.
  expect(fixture.commits.length).toBeLessThan(10)
})

it('createGroupCommit() keeps the failure of one job to that job', async () => {
  await using fixture = await createFixture()
  const { group, insert } = fixture
  const results = await Promise.allSettled([
    group.write('Cannot count', insert(1)),
    group.write('Cannot count', () => {
      insert(2)()
      throw new RangeError('no')
    }),
    group.write('Cannot count', insert(1)),
    group.write('Cannot count', insert(3)),
  ])
  expect(results.map((result) => result.status)).toEqual(['fulfilled', 'rejected', 'rejected', 'fulfilled'])
  expect(results[1]).toMatchObject({ reason: new RangeError('no') })
  expect(results[2]).toMatchObject({ reason: { code: 'storage-failed' } })
  expect(fixture.rows()).toEqual([1, 3])
})

it('createGroupCommit() waits while another program holds the database', async () => {
  await using fixture = await createFixture()
  const other = new Database(fixture.database.name, { timeout: 0 })
  other.exec('BEGIN IMMEDIATE')
  const write = fixture.group.write('Cannot count', fixture.insert(1))
  const kept = fixture.group.keep('Cannot count', fixture.insert(2))
  expect(fixture.group.retry()).toBe(false)
  other.exec('COMMIT')
  other.close()
  await Promise.all([write, kept])
  expect(fixture.health.state()).toBe('ok')
  expect(fixture.rows()).toEqual([1, 2])
})

it('createGroupCommit() keeps kept jobs through a full disk and lets small ones pass', async () => {
  await using fixture = await createFixture()
  const { group, database, health } = fixture
  database.pragma(`max_page_count = ${database.pragma('page_count', { simple: true })}`)
  const filling = database.prepare('INSERT INTO numbers (value, filling) VALUES (?, zeroblob(100000))')
  const kept = group.keep('Cannot count', () => void filling.run(1))
  const large = group.write('Cannot count', () => filling.run(2))
  const small = group.write('Cannot count', fixture.insert(3))
  await expect(large).rejects.toMatchObject({ code: 'storage-full' })
  await small
  expect(health.state()).toBe('full')
  expect(group.retry()).toBe(false)
  database.pragma('max_page_count = 1000')
  await kept
  expect(health.state()).toBe('ok')
  expect(fixture.rows()).toEqual([3, 1])
})

it('createGroupCommit() at its end tries once more and gives up what the disk refuses', async () => {
  await using fixture = await createFixture()
  const { group, database } = fixture
  database.pragma(`max_page_count = ${database.pragma('page_count', { simple: true })}`)
  const kept = group.keep('Cannot count', () => {
    database.exec('INSERT INTO numbers (value, filling) VALUES (1, zeroblob(100000))')
  })
  const rejected = expect(kept).rejects.toMatchObject({ code: 'storage-full' })
  expect(await group.close()).toMatchObject({ code: 'SQLITE_FULL' })
  await rejected
  await expect(group.write('Cannot count', fixture.insert(1))).rejects.toThrow(TypeError)
})

it('createGroupCommit() at its end waits while another program holds the database', async () => {
  await using fixture = await createFixture()
  const other = new Database(fixture.database.name, { timeout: 0 })
  other.exec('BEGIN IMMEDIATE')
  const kept = fixture.group.keep('Cannot count', fixture.insert(1))
  const closed = fixture.group.close()
  setImmediate(() => other.exec('COMMIT').close())
  expect(await closed).toBeNull()
  await kept
  expect(fixture.rows()).toEqual([1])
})

it('createGroupCommit() at its end gives up when the other program does not let go, and says so', async () => {
  await using fixture = await createFixture(1)
  const other = new Database(fixture.database.name, { timeout: 0 })
  other.exec('BEGIN IMMEDIATE')
  const kept = fixture.group.keep('Cannot count', fixture.insert(1))
  const rejected = expect(kept).rejects.toMatchObject({ code: 'storage-failed' })
  expect(await fixture.group.close()).toMatchObject({ code: 'SQLITE_BUSY' })
  await rejected
  other.close()
})

it('createWalSync() reports a failed sync once and answers as the healing does', async () => {
  await using directory = await temporaryDirectory()
  const file = join(directory.path, 'broken')
  // The null device takes writes and refuses to sync.
  await symlink('/dev/null', `${file}-wal`)
  const failures: unknown[] = []
  let heals = 0
  const heal = () => {
    heals += 1
    if (heals > 1) throw new Error('not healed')
  }
  const sync = createWalSync({ file, heal, onFailure: (error) => failures.push(error) })
  await sync.durable()
  expect(failures).toMatchObject([{ syscall: 'fdatasync' }])
  await expect(sync.durable()).rejects.toThrow('not healed')
  await sync.close()
})

it('createWalSync() shares the sync that begins after the newest commit', async () => {
  await using directory = await temporaryDirectory()
  const file = join(directory.path, 'broken')
  await symlink('/dev/null', `${file}-wal`)
  let syncs = 0
  const sync = createWalSync({ file, heal: () => {}, onFailure: () => (syncs += 1) })
  await Promise.all(Array.from({ length: 50 }, () => sync.durable()))
  expect(syncs).toBe(2)
  await sync.close()
})

it('keepLater() is written with the next job, by itself a moment later, and by close()', async () => {
  await using fixture = await createFixture()
  const { group, insert, rows, commits } = fixture
  group.keepLater('Cannot count', insert(1))
  expect(rows()).toEqual([])
  await group.write('Cannot count', insert(2))
  expect(rows()).toEqual([1, 2])
  expect(commits).toEqual([false])
  group.keepLater('Cannot count', insert(3))
  await expect.poll(rows).toEqual([1, 2, 3])
  group.keepLater('Cannot count', insert(4))
  await group.close()
  expect(rows()).toEqual([1, 2, 3, 4])
})
