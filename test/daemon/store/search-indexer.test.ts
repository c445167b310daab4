// What waits to be indexed: found by every search, and found again after a kill.

import { copyFileSync, mkdirSync } from 'node:fs'
import { dirname, join } from 'node:path'
import Database from 'better-sqlite3'
import { expect, it } from 'vitest'
import { openStore } from '../../../daemon/store/sqlite-store.ts'
import { endOf, newTurn, openTemporaryStore, saveTurn } from '../../helpers/store.ts'

/** The files as a kill would leave them now. */
function copyKilled(file: string, name: string): string {
  const directory = join(dirname(file), name)
  mkdirSync(directory)
  const copy = join(directory, 'natter.db')
  for (const suffix of ['', '-wal']) copyFileSync(`${file}${suffix}`, `${copy}${suffix}`)
  return copy
}

function numberIn(file: string, sql: string): number {
  const database = new Database(file, { readonly: true })
  try {
    return Number(database.prepare(sql).pluck().get())
  } finally {
    database.close()
  }
}

const INDEXED = 'SELECT count(*) FROM message_search_docsize'
const SETTLED = `SELECT value FROM meta WHERE name = 'settled_turn'`

it('createSearchIndexer() indexes by itself, a moment after the end', async () => {
  await using opened = await openTemporaryStore()
  for (let index = 0; index < 3; index += 1) await saveTurn(opened.store)
  await expect.poll(() => numberIn(opened.file, INDEXED), { timeout: 20_000 }).toBe(6)
  await saveTurn(opened.store)
  await expect.poll(() => numberIn(opened.file, INDEXED), { timeout: 20_000 }).toBe(8)
})

it('createSearchIndexer() settles in passing where many turns end', async () => {
  await using opened = await openTemporaryStore()
  const { store, file } = opened
  await store.turns.recover(1)
  for (let index = 0; index < 300; index += 1) await saveTurn(store)
  await expect.poll(() => numberIn(file, SETTLED), { timeout: 20_000 }).toBeGreaterThanOrEqual(256)
  expect(await store.maintenance.check()).toMatchObject({ ok: true, messages: 600 })
})

it('turns.recover() indexes what a kill kept out, once', async () => {
  await using opened = await openTemporaryStore()
  const { store, file } = opened
  await store.turns.recover(1)
  const settled = await saveTurn(store, { title: 'Settled', prompt: 'wombat one' })
  await store.messages.search('wombat', 10)
  const ended = await saveTurn(store, { title: 'Ended', prompt: 'wombat two' })
  const running = newTurn({ title: 'Running', prompt: 'wombat three' })
  await store.turns.start(running)
  const copy = copyKilled(file, 'killed')
  const again = await openStore({ file: copy })
  try {
    expect((await again.turns.recover(2)).map((message) => message.messageId)).toEqual([running.messageId])
    expect(await again.turns.recover(3)).toEqual([])
    const found = (await again.messages.search('wombat', 10)).hits.map((hit) => hit.messageId)
    expect(found.toSorted()).toEqual([settled, ended, running].map((turn) => turn.userMessageId).toSorted())
    for (const { newConversation, userMessageId } of [settled, ended, running]) {
      const { hits } = await again.messages.search(newConversation?.title ?? '', 10)
      expect(hits).toMatchObject([{ messageId: userMessageId }])
    }
    expect(await again.maintenance.check()).toEqual({ ok: true, problems: [], messages: 6 })
    expect(numberIn(copy, SETTLED)).toBe(3)
  } finally {
    await again.close()
  }
})

it('turns.recover() finds a turn that took the place of a deleted one', async () => {
  await using opened = await openTemporaryStore()
  const { store, file } = opened
  await store.turns.recover(1)
  await saveTurn(store)
  const deleted = await saveTurn(store)
  await store.turns.recover(2)
  expect(numberIn(file, SETTLED)).toBe(2)
  await store.conversations.delete(deleted.conversationId)
  const running = newTurn()
  await store.turns.start(running)
  const again = await openStore({ file: copyKilled(file, 'killed') })
  try {
    expect((await again.turns.recover(3)).map((message) => message.messageId)).toEqual([running.messageId])
    expect(await again.maintenance.check()).toMatchObject({ ok: true })
  } finally {
    await again.close()
  }
})

it('conversations.delete() and update() leave no trace of what was not indexed yet', async () => {
  await using opened = await openTemporaryStore()
  const { store } = opened
  const deleted = await saveTurn(store, { title: 'quagga', prompt: 'quagga' })
  await store.conversations.delete(deleted.conversationId)
  const renamed = await saveTurn(store, { title: 'okapi' })
  await store.conversations.update(renamed.conversationId, { title: 'tapir' })
  for (const word of ['quagga', 'okapi']) expect((await store.messages.search(word, 5)).hits).toEqual([])
  expect((await store.messages.search('tapir', 5)).hits).toMatchObject([{ messageId: renamed.userMessageId }])
  await store.conversations.update(renamed.conversationId, { title: 'dugong' })
  expect((await store.messages.search('tapir', 5)).hits).toEqual([])
  expect((await store.messages.search('dugong', 5)).hits).toHaveLength(1)
  expect(await store.maintenance.check()).toEqual({ ok: true, problems: [], messages: 2 })
})

it('maintenance.check() and backup() find the index complete while turns end', async () => {
  await using opened = await openTemporaryStore()
  const { store, file } = opened
  const turns = Array.from({ length: 40 }, () => newTurn())
  for (const turn of turns) await store.turns.start(turn)
  let checking = true
  const check = store.maintenance.check().finally(() => {
    checking = false
  })
  const target = join(dirname(file), 'copy.db')
  const backup = store.maintenance.backup(target)
  let ended = 0
  for (const turn of turns) {
    if (!checking) break
    await store.turns.end(endOf(turn, { text: 'numbat' }))
    ended += 1
  }
  expect(await check).toMatchObject({ ok: true, problems: [] })
  await backup
  expect(numberIn(target, INDEXED)).toBe(2 * numberIn(target, 'SELECT count(*) FROM turns WHERE ended_at IS NOT NULL'))
  expect((await store.messages.search('numbat', 100)).hits).toHaveLength(ended)
})
