// Old, new, strange and damaged database files.

import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { copyFileSync, existsSync, mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import Database from 'better-sqlite3'
import { expect, it } from 'vitest'
import { openDatabase } from '../../../daemon/store/database.ts'
import { MIGRATIONS } from '../../../daemon/store/schema.ts'
import { openStore } from '../../../daemon/store/sqlite-store.ts'
import { saveTurn, temporaryDirectory } from '../../helpers/store.ts'

const NEWEST = MIGRATIONS.length

async function createVersion(file: string, version: number): Promise<void> {
  const database = await openDatabase({ file, now: Date.now, migrations: MIGRATIONS.slice(0, version) })
  database.close()
}

it.each(MIGRATIONS.map((_, version) => version))('openStore() brings version %i to the newest', async (version) => {
  await using directory = await temporaryDirectory()
  const file = join(directory.path, 'natter.db')
  if (version > 0) {
    await createVersion(file, version)
    const old = new Database(file)
    old.exec(`
      INSERT INTO conversations (conversation_id, title, title_folded, parameters, created_at, used_at)
      VALUES ('cnv_01890000000070008000000000000000', 'Old', 'old', '{}', 1, 1)
    `)
    old.close()
  }
  const store = await openStore({ file, now: () => 0 })
  expect(await store.conversations.list({ limit: 5 })).toHaveLength(version === 0 ? 0 : 1)
  await saveTurn(store)
  expect(await store.maintenance.check()).toMatchObject({ ok: true })
  await store.close()
  const backups = join(directory.path, 'backups')
  expect(existsSync(backups)).toBe(version > 0)
  if (version > 0) {
    const [name = ''] = readdirSync(backups)
    expect(name).toBe(`before-upgrade-of-version-${version}-1970-01-01T00-00-00.000Z-${process.pid}.db`)
    const copy = new Database(join(backups, name), { readonly: true })
    expect(copy.pragma('user_version', { simple: true })).toBe(version)
    expect(copy.prepare('SELECT title FROM conversations').pluck().all()).toEqual(['Old'])
    copy.close()
  }
})

it('openStore() of an older version counts the answers of a price nobody knew', async () => {
  await using directory = await temporaryDirectory()
  const file = join(directory.path, 'natter.db')
  await createVersion(
    file,
    MIGRATIONS.findIndex((migration) => migration.name === 'countUnpriced'),
  )
  const old = new Database(file)
  old.exec(`
    INSERT INTO conversations (conversation_id, title, title_folded, parameters, created_at, used_at)
    VALUES ('cnv_1', 'Both', 'both', '{}', 1, 1), ('cnv_2', 'Priced', 'priced', '{}', 2, 2);
    INSERT INTO messages (message_id, conversation_id, turn_id, role, input_tokens, cost_micros, created_at)
    VALUES ('msg_1', 'cnv_1', 'trn_1', 'user', NULL, NULL, 1), ('msg_2', 'cnv_1', 'trn_1', 'assistant', 5, NULL, 1),
      ('msg_3', 'cnv_1', 'trn_2', 'assistant', 5, 7, 1), ('msg_4', 'cnv_2', 'trn_3', 'assistant', 5, 0, 2);
  `)
  old.close()
  const store = await openStore({ file })
  const conversations = await store.conversations.list({ limit: 5 })
  expect(conversations.map(({ title, unpricedAnswers }) => [title, unpricedAnswers])).toEqual([
    ['Priced', 0],
    ['Both', 1],
  ])
  await store.close()
})

it('openStore() of an older version copies none of its texts, and finds them as before', async () => {
  await using directory = await temporaryDirectory()
  const file = join(directory.path, 'natter.db')
  // The last one before parts of any kind.
  await createVersion(file, 6)
  const old = new Database(file)
  fillVersion6(old, 40, 'wallaby '.repeat(12_500))
  old.close()
  const database = await openDatabase({ file, now: Date.now })
  expect(statSync(`${file}-wal`).size).toBeLessThan(500_000)
  expect(database.pragma('integrity_check')).toEqual([{ integrity_check: 'ok' }])
  expect(database.pragma('foreign_key_check')).toEqual([])
  database.close()
  const store = await openStore({ file })
  expect((await store.messages.search('wallaby', 50)).hits).toHaveLength(40)
  const message = await store.messages.get('msg_00000000000000000000000000000007')
  expect(message?.parts.map(({ type, text }) => [type, text.length])).toEqual([
    ['reasoning', 2],
    ['text', 100_000],
  ])
  await saveTurn(store, { prompt: 'kookaburra' })
  expect((await store.messages.search('kookaburra', 50)).hits).toHaveLength(1)
  await store.conversations.delete('cnv_00000000000000000000000000000000')
  expect((await store.messages.search('wallaby', 50)).hits).toEqual([])
  expect(await store.maintenance.check()).toMatchObject({ ok: true, messages: 2 })
  await store.close()
})

function fillVersion6(database: Database.Database, messages: number, text: string): void {
  const digits = (index: number) => String(index).padStart(32, '0')
  const conversation = `cnv_${digits(0)}`
  database.exec(`
    INSERT INTO conversations (conversation_id, title, title_folded, parameters, created_at, used_at)
    VALUES ('${conversation}', 'Old', 'old', '{}', 1, 1)
  `)
  for (let index = 0; index < messages; index += 1) {
    const ids = { turn: `trn_${digits(index)}`, message: `msg_${digits(index)}`, conversation }
    database
      .prepare(`
        INSERT INTO turns (turn_id, conversation_id, user_message_id, message_id, asked_model, origin, started_at, ended_at)
        VALUES (@turn, @conversation, 'msg_none', @message, 'a/b', 'script', 1, 2)
      `)
      .run(ids)
    const { lastInsertRowid } = database
      .prepare(`
        INSERT INTO messages (message_id, conversation_id, turn_id, role, created_at)
        VALUES (@message, @conversation, @turn, 'assistant', 1)
      `)
      .run(ids)
    const insert = database.prepare('INSERT INTO parts (message_key, position, type, text) VALUES (?, ?, ?, ?)')
    insert.run(lastInsertRowid, 0, 'reasoning', 'Hm')
    insert.run(lastInsertRowid, 1, 'text', text)
  }
  database.exec(`INSERT INTO message_search (rowid, text) SELECT message_key, text FROM searchable`)
}

it('openStore() makes a schema that SQLite 3.40 of Debian 12 can read', async () => {
  await using directory = await temporaryDirectory()
  const file = join(directory.path, 'natter.db')
  await createVersion(file, NEWEST)
  const database = new Database(file, { readonly: true })
  const schema = database.prepare('SELECT sql FROM sqlite_schema WHERE sql IS NOT NULL').pluck().all().join('\n')
  // Since 3.44.
  expect(schema).not.toMatch(/group_concat\([^)]*ORDER BY/i)
  expect(schema).toContain('group_concat')
  // Each text comes by its key, in the order that the key has: nothing is sorted.
  const plan = database
    .prepare<[], { detail: string }>('EXPLAIN QUERY PLAN SELECT text FROM searchable WHERE message_key = 1')
    .all()
    .map(({ detail }) => detail)
  expect(plan).toContain('SEARCH parts USING PRIMARY KEY (message_key=?)')
  expect(plan.join()).not.toMatch(/TEMP B-TREE|SCAN (?:parts|messages|turns)/)
  database.close()
})

it('openStore() refuses a database of a newer version and leaves every byte as it was', async () => {
  await using directory = await temporaryDirectory()
  const file = join(directory.path, 'natter.db')
  await createVersion(file, NEWEST)
  const newer = new Database(file)
  newer.pragma(`user_version = ${NEWEST + 1}`)
  newer.close()
  const before = readFileSync(file)
  await expect(openStore({ file })).rejects.toMatchObject({ code: 'store-newer' })
  expect(readFileSync(file).equals(before)).toBe(true)
  expect(readdirSync(directory.path)).toEqual(['natter.db'])
})

it('openStore() refuses a newer version that stands only in the WAL of a killed process', async () => {
  await using directory = await temporaryDirectory()
  const file = join(directory.path, 'natter.db')
  await createVersion(file, NEWEST)
  const newer = new Database(file)
  newer.pragma(`user_version = ${NEWEST + 1}`)
  mkdirSync(join(directory.path, 'killed'))
  const copy = join(directory.path, 'killed', 'natter.db')
  for (const suffix of ['', '-wal']) copyFileSync(`${file}${suffix}`, `${copy}${suffix}`)
  newer.close()
  await expect(openStore({ file: copy })).rejects.toMatchObject({ code: 'store-newer' })
})

it('openStore() keeps the old schema where a migration fails midway', async () => {
  await using directory = await temporaryDirectory()
  const file = join(directory.path, 'natter.db')
  await createVersion(file, 2)
  const failing = (database: Database.Database) => {
    database.exec('CREATE TABLE half (value INTEGER) STRICT; DROP TABLE places; INSERT INTO nowhere VALUES (1)')
  }
  const migrations = [...MIGRATIONS.slice(0, 2), failing]
  await expect(openDatabase({ file, now: Date.now, migrations })).rejects.toMatchObject({ code: 'storage-failed' })
  const old = new Database(file, { readonly: true })
  expect(old.pragma('user_version', { simple: true })).toBe(2)
  const tables = old.prepare(`SELECT name FROM sqlite_schema WHERE name IN ('half', 'places')`).pluck().all()
  expect(tables).toEqual(['places'])
  old.close()
  await (await openStore({ file })).close()
})

it('openStore() refuses what is not its database and says what to do', async () => {
  await using directory = await temporaryDirectory()
  const junk = join(directory.path, 'junk.db')
  writeFileSync(junk, 'not a database '.repeat(100))
  await expect(openStore({ file: junk })).rejects.toMatchObject({
    code: 'storage-failed',
    message: expect.stringContaining('not a SQLite database'),
    hint: expect.stringContaining('backup'),
  })
  expect(readFileSync(junk, 'utf8')).toBe('not a database '.repeat(100))
  const foreign = join(directory.path, 'foreign.db')
  new Database(foreign).exec('CREATE TABLE notes (text TEXT)').close()
  await expect(openStore({ file: foreign })).rejects.toMatchObject({
    code: 'storage-failed',
    message: expect.stringContaining('another program'),
  })
  const isDirectory = join(directory.path, 'directory.db')
  mkdirSync(isDirectory)
  await expect(openStore({ file: isDirectory })).rejects.toMatchObject({ code: 'storage-failed' })
})

it('openStore() never crashes on a damaged file: it opens or says that it is damaged', async () => {
  await using directory = await temporaryDirectory()
  const file = join(directory.path, 'natter.db')
  const store = await openStore({ file })
  for (let index = 0; index < 20; index += 1) await saveTurn(store, { prompt: `word${index} `.repeat(50) })
  await store.close()
  const good = readFileSync(file)
  for (let round = 0; round < 16; round += 1) {
    const damaged = join(directory.path, `damaged-${round}.db`)
    const bytes = Buffer.from(good)
    // Pages all over the file, the head among them.
    const page = (round * 8 * 4096) % bytes.length
    bytes.fill(0xa5, page + (round % 5) * 16, page + 64 + (round % 5) * 512)
    writeFileSync(damaged, round % 4 === 3 ? bytes.subarray(0, Math.floor(bytes.length / 2)) : bytes)
    const opened = await openStore({ file: damaged }).catch((error: unknown) => error)
    if (opened instanceof Error) expect(opened).toMatchObject({ code: 'storage-failed' })
    else await useDamaged(opened as Awaited<ReturnType<typeof openStore>>)
  }
}, 60_000)

/** Each call works or is rejected as a failure of the storage. */
async function useDamaged(store: Awaited<ReturnType<typeof openStore>>): Promise<void> {
  const calls = [store.turns.recover(1), store.conversations.list({ limit: 5 }), store.messages.search('word1', 5)]
  for (const result of await Promise.allSettled([...calls, store.maintenance.check()])) {
    if (result.status === 'rejected') expect(result.reason).toMatchObject({ code: 'storage-failed' })
  }
  await store.close().catch(() => {})
}

const OPENER = `
  import { openStore } from ${JSON.stringify(new URL('../../../daemon/store/sqlite-store.ts', import.meta.url).href)}
  const store = await openStore({ file: process.argv[1] })
  await store.reserveSequence(1)
  await store.close()
`

it('openStore() of a new file by eight processes at once works for all', async () => {
  await using directory = await temporaryDirectory()
  const file = join(directory.path, 'data', 'natter.db')
  const children = Array.from({ length: 8 }, () =>
    spawn(process.execPath, ['--input-type=module', '--eval', OPENER, file], { stdio: 'inherit' }),
  )
  const codes = await Promise.all(children.map(async (child) => (await once(child, 'exit'))[0]))
  expect(codes).toEqual([0, 0, 0, 0, 0, 0, 0, 0])
  const store = await openStore({ file })
  expect(await store.reserveSequence(1)).toBe(9)
  expect(await store.maintenance.check()).toMatchObject({ ok: true })
  await store.close()
}, 60_000)
