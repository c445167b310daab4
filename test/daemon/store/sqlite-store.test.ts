// The store on SQLite: the contract, and what only this engine promises.

import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { readdirSync, readFileSync, statSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import Database from 'better-sqlite3'
import { expect, it, vi } from 'vitest'
import { openDatabase } from '../../../daemon/store/database.ts'
import { createSqliteStore, openStore } from '../../../daemon/store/sqlite-store.ts'
import type { StorageState } from '../../../daemon/store/store.ts'
import { createId } from '../../../src/protocol/ids.ts'
import { describeStore } from '../../contracts/store.ts'
import { endOf, newTurn, openTemporaryStore, saveTurn, temporaryDirectory } from '../../helpers/store.ts'

describeStore('SQLite', openTemporaryStore)

it('openStore() keeps its files to the user whatever the umask', async () => {
  await using directory = await temporaryDirectory()
  const file = join(directory.path, 'data', 'natter.db')
  const umask = process.umask(0)
  try {
    const store = await openStore({ file })
    await saveTurn(store)
    await store.maintenance.backup(join(directory.path, 'data', 'copy.db'))
    const names = readdirSync(dirname(file)).toSorted()
    expect(names).toEqual(['copy.db', 'natter.db', 'natter.db-shm', 'natter.db-wal'])
    for (const name of names) expect(statSync(join(dirname(file), name)).mode & 0o777).toBe(0o600)
    expect(statSync(dirname(file)).mode & 0o777).toBe(0o700)
    await store.close()
    expect(readdirSync(dirname(file)).toSorted()).toEqual(['copy.db', 'natter.db'])
  } finally {
    process.umask(umask)
  }
})

it('openStore() refuses a file that this process has open, and opens it again after', async () => {
  await using opened = await openTemporaryStore()
  await expect(openStore({ file: opened.file })).rejects.toThrow(TypeError)
  const turn = await saveTurn(opened.store)
  await opened.store.close()
  await opened.store.close()
  const again = await openStore({ file: opened.file })
  expect(await again.turns.get(turn.turnId)).toMatchObject({ status: 'ended' })
  expect(await again.reserveSequence(5)).toBe(1)
  await again.close()
  const third = await openStore({ file: opened.file })
  expect(await third.reserveSequence(1)).toBe(6)
  await third.close()
})

const CALL = { type: 'tool-call', callId: 'call_1', name: 'get_time', text: '{}' } as const
const ATTEMPT = { number: 1, model: 'a/b', startedAt: 1, firstPartMs: 1, endedAt: 2, error: null, requestId: null }

interface LedgerRow {
  readonly turn_id: string
  readonly outcome: string | null
  readonly error_code: string | null
  readonly cost_micros: number | null
  readonly input_tokens: number | null
}

function ledgerOf(file: string): readonly LedgerRow[] {
  const database = new Database(file)
  try {
    return database.prepare<[], LedgerRow>('SELECT * FROM ledger ORDER BY started_at').all()
  } finally {
    database.close()
  }
}

it('conversations.delete() leaves nothing behind but the numbers of the ledger', async () => {
  await using opened = await openTemporaryStore()
  const { store, file } = opened
  const turn = newTurn({ prompt: 'xylophone', title: 'xylophone', place: { tty: '/dev/pts/1', directory: '/' } })
  await store.turns.start(turn)
  const parts = [{ type: 'text', text: 'xylophone' } as const, CALL]
  await store.turns.end(endOf(turn, { parts, attempts: [ATTEMPT] }))
  const running = newTurn({ conversationId: turn.conversationId, parentId: turn.messageId, startedAt: 2_000 })
  await store.turns.start(running)
  await store.conversations.delete(turn.conversationId)
  expect(await store.turns.recover(9)).toEqual([])
  expect(await store.maintenance.check()).toEqual({ ok: true, problems: [], messages: 0 })
  await store.close()
  expect(ledgerOf(file)).toMatchObject([
    { turn_id: turn.turnId, outcome: 'completed', cost_micros: 42, input_tokens: 10 },
    { turn_id: running.turnId, outcome: 'failed', error_code: 'interrupted', cost_micros: null },
  ])
  const database = new Database(file)
  for (const table of ['conversations', 'messages', 'parts', 'other_parts', 'turns', 'attempts', 'chunks', 'places']) {
    expect(database.prepare(`SELECT count(*) FROM ${table}`).pluck().get()).toBe(0)
  }
  database.close()
})

it('turns.record() writes the row of a turn in memory once, without text', async () => {
  await using opened = await openTemporaryStore()
  const error = { code: 'rate-limited', message: 'quoting "a secret prompt"', hint: null } as const
  const entry = {
    ...{ turnId: createId('trn'), deviceId: null, origin: 'script' as const },
    ...{ model: 'a/b', usage: null, costMicros: 7, outcome: { type: 'failed', error } as const },
    ...{ attempts: 1, startedAt: 1, endedAt: 2 },
  }
  opened.store.turns.record(entry)
  opened.store.turns.record({ ...entry, costMicros: 8 })
  await opened.store.close()
  expect(ledgerOf(opened.file)).toMatchObject([{ turn_id: entry.turnId, error_code: 'rate-limited', cost_micros: 7 }])
  expect(readFileSync(opened.file).includes('secret prompt')).toBe(false)
})

it('maintenance.backup() copies a store in use into one private file and overwrites none', async () => {
  await using directory = await temporaryDirectory()
  await using opened = await openTemporaryStore()
  const turn = await saveTurn(opened.store, { prompt: 'remember me' })
  const target = join(directory.path, 'backup.db')
  const { bytes } = await opened.store.maintenance.backup(target)
  expect(statSync(target)).toMatchObject({ size: bytes })
  expect(readdirSync(directory.path)).toEqual(['backup.db'])
  await expect(opened.store.maintenance.backup(target)).rejects.toMatchObject({ code: 'conflict' })
  const missing = join(directory.path, 'missing', 'backup.db')
  await expect(opened.store.maintenance.backup(missing)).rejects.toMatchObject({ code: 'not-found' })
  const restored = await openStore({ file: target })
  expect((await restored.messages.search('remember', 5)).hits).toMatchObject([{ messageId: turn.userMessageId }])
  await restored.close()
})

it('maintenance.check() says where messages are missing in the search index', async () => {
  await using opened = await openTemporaryStore()
  await saveTurn(opened.store)
  expect(await opened.store.maintenance.check()).toEqual({ ok: true, problems: [], messages: 2 })
  const database = new Database(opened.file)
  database.exec(`INSERT INTO message_search (message_search) VALUES ('delete-all')`)
  database.close()
  expect(await opened.store.maintenance.check()).toEqual({
    ok: false,
    problems: expect.arrayContaining(['The search index holds 0 messages of 2']),
    messages: 2,
  })
  expect(opened.store.maintenance.state()).toBe('suspect')
})

it('maintenance.check() says where a message continues nothing', async () => {
  await using opened = await openTemporaryStore()
  const turn = await saveTurn(opened.store)
  const database = new Database(opened.file)
  database.exec(`UPDATE messages SET parent_id = 'msg_gone' WHERE role = 'user'`)
  database.close()
  const problems = [`Message "${turn.userMessageId}" continues a message that is not there`]
  expect(await opened.store.maintenance.check()).toEqual({ ok: false, problems, messages: 2 })
})

it('turns.append() writes one row for what one tick brings of a type', async () => {
  await using opened = await openTemporaryStore()
  const { store, file } = opened
  const turn = newTurn()
  await store.turns.start(turn)
  const texts = Array.from({ length: 30 }, (_, index) => `${index} `)
  for (const [index, text] of texts.entries()) {
    const type = index < 10 ? 'reasoning' : 'text'
    store.turns.append({ messageId: turn.messageId, seq: index + 1, type, text })
  }
  const database = new Database(file, { readonly: true })
  try {
    const rows = database.prepare('SELECT seq, type, text FROM chunks ORDER BY seq')
    await expect
      .poll(() => rows.all())
      .toEqual([
        { seq: 10, type: 'reasoning', text: texts.slice(0, 10).join('') },
        { seq: 30, type: 'text', text: texts.slice(10).join('') },
      ])
  } finally {
    database.close()
  }
})

it('turns.start() and end() write few pages', async () => {
  await using opened = await openTemporaryStore()
  const { store, file } = opened
  const database = new Database(file)
  try {
    const pages = database.prepare<[], { readonly log: number }>('PRAGMA wal_checkpoint(NOOP)')
    await saveTurn(store)
    const before = pages.get()?.log ?? 0
    for (let index = 0; index < 20; index += 1) {
      await saveTurn(store, { place: { tty: '/dev/pts/1', directory: '/' }, answer: `word${index} `.repeat(40) })
    }
    const perTurn = ((pages.get()?.log ?? 0) - before) / 20
    // Each is two writes and a checksum; measured are 24.
    expect(perTurn).toBeLessThan(30)
  } finally {
    database.close()
  }
})

it('turns.start() is refused while the disk is full; what runs is kept and saved when there is room', async () => {
  await using directory = await temporaryDirectory()
  const file = join(directory.path, 'natter.db')
  const database = await openDatabase({ file, now: Date.now })
  const states: StorageState[] = []
  const store = createSqliteStore({ file, database, retryMs: 20, onStateChange: (state) => states.push(state) })
  const turn = newTurn()
  await store.turns.start(turn)
  database.pragma(`max_page_count = ${database.pragma('page_count', { simple: true })}`)
  const long = 'long '.repeat(20_000)
  store.turns.append({ messageId: turn.messageId, seq: 1, type: 'text', text: long })
  await vi.waitFor(() => expect(store.maintenance.state()).toBe('full'))
  await expect(store.turns.start(newTurn())).rejects.toMatchObject({ code: 'storage-full' })
  expect(await store.messages.get(turn.messageId)).toMatchObject({ outcome: null })
  const ended = store.turns.end(endOf(turn, { text: long }))
  await expect(store.turns.start(newTurn())).rejects.toMatchObject({ code: 'storage-full' })
  database.pragma('max_page_count = 100000')
  await ended
  expect(await store.messages.get(turn.messageId)).toMatchObject({ parts: [{ type: 'text', text: long }] })
  expect(states).toEqual(['full', 'ok'])
  await saveTurn(store)
  await store.close()
})

it('close() says so where the disk takes the last text no more', async () => {
  await using directory = await temporaryDirectory()
  const file = join(directory.path, 'natter.db')
  const database = await openDatabase({ file, now: Date.now })
  const store = createSqliteStore({ file, database })
  const turn = newTurn()
  await store.turns.start(turn)
  database.pragma(`max_page_count = ${database.pragma('page_count', { simple: true })}`)
  const ended = expect(store.turns.end(endOf(turn, { text: 'long '.repeat(20_000) }))).rejects.toMatchObject({
    code: 'storage-full',
  })
  await expect(store.close()).rejects.toMatchObject({ code: 'storage-full' })
  await ended
})

it('close() saves the end of a reply as soon as another program lets go of the database', async () => {
  await using opened = await openTemporaryStore()
  const { store, file } = opened
  const turn = newTurn()
  await store.turns.start(turn)
  const other = holdDatabase(file)
  const ended = store.turns.end(endOf(turn, { text: 'the whole answer' }))
  const closed = store.close()
  setImmediate(() => other.close())
  await Promise.all([ended, closed])
  const again = await openStore({ file })
  expect(await again.turns.recover(9)).toEqual([])
  expect(await again.messages.get(turn.messageId)).toMatchObject({ parts: [{ text: 'the whole answer' }] })
  await again.close()
})

const NUMBERER = `
  const { openStore } = await import(${JSON.stringify(new URL('../../../daemon/store/sqlite-store.ts', import.meta.url).href)})
  const store = await openStore({ file: process.argv[1] })
  process.stdout.write('open')
  await new Promise((resolve) => process.stdin.once('data', resolve))
  process.stdin.destroy()
  const numbered = store.reserveSequence(1)
  setImmediate(() => process.stdout.write('refused'))
  await numbered
  await store.close()
`

it('reserveSequence() keeps a process that waits for nothing else until another program lets go', async () => {
  await using directory = await temporaryDirectory()
  const file = join(directory.path, 'natter.db')
  const child = spawn(process.execPath, ['--input-type=module', '--eval', NUMBERER, file], {
    stdio: ['pipe', 'pipe', 'inherit'],
  })
  const exited = once(child, 'exit')
  await once(child.stdout, 'data')
  const other = holdDatabase(file)
  child.stdin.write('go')
  await once(child.stdout, 'data')
  // Long enough for a process with nothing to do to leave.
  await Promise.race([exited, delay(500)])
  other.close()
  expect(await exited).toEqual([0, null])
})

it('close() names another program that keeps the database', async () => {
  await using directory = await temporaryDirectory()
  const file = join(directory.path, 'natter.db')
  const database = await openDatabase({ file, now: Date.now })
  const store = createSqliteStore({ file, database, closePatienceMs: 1 })
  const turn = newTurn()
  await store.turns.start(turn)
  const other = holdDatabase(file)
  const refused = expect(store.turns.end(endOf(turn))).rejects.toMatchObject({ code: 'storage-failed' })
  await expect(store.close()).rejects.toMatchObject({
    code: 'storage-failed',
    message: `Cannot save everything in "${file}" before it is closed: another program holds the database`,
  })
  await refused
  other.close()
})

it('turns.end() that cannot be saved leaves the text that came for the next start', async () => {
  await using opened = await openTemporaryStore()
  const { store, file } = opened
  const turn = newTurn()
  await store.turns.start(turn)
  store.turns.append({ messageId: turn.messageId, seq: 1, type: 'text', text: 'what came' })
  const broken = { ...endOf(turn), attempts: [{ ...ATTEMPT, startedAt: Number.NaN }] }
  await expect(store.turns.end(broken)).rejects.toMatchObject({ code: 'storage-failed' })
  await store.close()
  const again = await openStore({ file })
  expect(await again.turns.recover(9)).toMatchObject([{ parts: [{ text: 'what came' }] }])
  await again.close()
})

/** Another program's connection in the middle of a transaction that writes. */
function holdDatabase(file: string): Database.Database {
  return new Database(file, { timeout: 0 }).exec('BEGIN IMMEDIATE')
}
