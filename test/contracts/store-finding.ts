// What every store must find again: by reference, place, page and word.

import { expect, it } from 'vitest'
import type { SearchHit, Store } from '../../daemon/store/store.ts'
import { createId } from '../../src/protocol/ids.ts'
import { newConversation, newTurn, saveTurn } from '../helpers/store.ts'

type OpenStoreForTest = () => Promise<{ readonly store: Store } & AsyncDisposable>

export function describeStoreFinding(name: string, open: OpenStoreForTest): void {
  describeReferences(name, open)
  describeLists(name, open)
  describeSearch(name, open)
}

function describeReferences(name: string, open: OpenStoreForTest): void {
  it(`${name} conversations.find() goes from the exact to the loose`, async () => {
    await using opened = await open()
    const { conversations } = opened.store
    const find = async (reference: string) =>
      (await conversations.find(reference, 10)).map(({ conversationId }) => conversationId)
    const a = 'cnv_0198aaaaaaaa7111811111111111beef'
    const b = 'cnv_0199bbbbbbbb7111811111111111beef'
    const c = 'cnv_0199cccccccc7111811111111111dead'
    await conversations.create(newConversation({ conversationId: c, title: '100% _sure_', createdAt: 1 }))
    await conversations.create(newConversation({ conversationId: b, title: 'deploy', createdAt: 2 }))
    await conversations.create(newConversation({ conversationId: a, title: 'Deploying Größe', createdAt: 3 }))
    expect(await find(b)).toEqual([b])
    expect(await find('dead')).toEqual([c])
    expect(await find('cnv_1111DEAD')).toEqual([c])
    expect(await find('beef')).toEqual([a, b])
    expect(await find('0199')).toEqual([b, c])
    expect(await find('cnv_0199b')).toEqual([b])
    expect(await find('ead')).toEqual([])
    expect(await find('msg_dead')).toEqual([])
    expect(await find('deploy')).toEqual([b])
    expect(await find('DEPLOY')).toEqual([a, b])
    expect(await find('GRÖSSE')).toEqual([])
    expect(await find('GRÖ')).toEqual([a])
    expect(await find('0% _')).toEqual([c])
    expect(await conversations.find('beef', 1)).toHaveLength(1)
  })

  it(`${name} turns.find() takes digits of the turn and of both its messages, newest first`, async () => {
    await using opened = await open()
    const { store } = opened
    const turnId = 'trn_0199aaaaaaaa7111811111111111abcd'
    const userMessageId = 'msg_0199aaaaaaaa7111811111111111cafe'
    const messageId = 'msg_0199aaaaaaaa7111811111111111f00d'
    const first = await saveTurn(store, { turnId, userMessageId, messageId })
    const second = await saveTurn(store, { turnId: 'trn_0199bbbbbbbb7111811111111111abcd', parentId: null })
    const find = async (reference: string) => (await store.turns.find(reference, 10)).map((turn) => turn.turnId)
    for (const reference of [turnId, messageId, userMessageId, 'cafe', 'msg_f00d', '1111f00d', '0199aa']) {
      expect(await find(reference)).toEqual([turnId])
    }
    expect(await find('abcd')).toEqual([second.turnId, first.turnId])
    expect(await find('trn_abcd')).toEqual([second.turnId, first.turnId])
    expect(await find('cnv_abcd')).toEqual([])
    expect(await find('nothing')).toEqual([])
    expect(await store.turns.last(first.conversationId)).toMatchObject({ turnId })
    expect(await store.turns.last(createId('cnv'))).toBeNull()
  })

  it(`${name} turns.openedBy() answers the device of a conversation's first turn`, async () => {
    await using opened = await open()
    const { store } = opened
    const [device, other] = [createId('dev'), createId('dev')]
    const first = await saveTurn(store, { deviceId: device })
    await saveTurn(store, { conversationId: first.conversationId, newConversation: null, deviceId: other })
    const ofOwner = await saveTurn(store, {})
    await saveTurn(store, { conversationId: ofOwner.conversationId, newConversation: null, deviceId: other })
    expect(await store.turns.openedBy(first.conversationId)).toBe(device)
    expect(await store.turns.openedBy(ofOwner.conversationId)).toBeNull()
    expect(await store.turns.openedBy(createId('cnv'))).toBeNull()
  })
}

function describeLists(name: string, open: OpenStoreForTest): void {
  it(`${name} conversations.list() pages newest used first, even where times are equal`, async () => {
    await using opened = await open()
    const { conversations } = opened.store
    for (let index = 0; index < 7; index += 1) {
      await conversations.create(newConversation({ title: `Number ${index}`, createdAt: 50 }))
    }
    const titles: string[] = []
    let before: number | undefined
    for (;;) {
      const page = await conversations.list({ limit: 3, ...(before === undefined ? {} : { before }) })
      if (page.length === 0) break
      titles.push(...page.map((conversation) => conversation.title))
      before = page.at(-1)?.usedAt
    }
    expect(titles).toEqual([6, 5, 4, 3, 2, 1, 0].map((index) => `Number ${index}`))
    expect(await conversations.list({ limit: 3, query: 'BER 4' })).toMatchObject([{ title: 'Number 4' }])
  })

  it(`${name} conversations.list() and latest() go by the order of use, though the clock ran ahead before`, async () => {
    await using opened = await open()
    const { store } = opened
    const place = { tty: '/dev/pts/1', directory: '/a' }
    const ahead = await saveTurn(store, { place, startedAt: 9_000_000 })
    const first = await saveTurn(store, { place, startedAt: 1_000 })
    const second = await saveTurn(store, { startedAt: 1_500 })
    const order = async () => (await store.conversations.list({ limit: 9 })).map((found) => found.conversationId)
    expect(await order()).toEqual([second, first, ahead].map((turn) => turn.conversationId))
    expect(await store.conversations.latest(place)).toMatchObject({
      conversation: { conversationId: first.conversationId },
      match: 'terminal',
    })
    const { conversationId, messageId: parentId } = ahead
    await saveTurn(store, { conversationId, parentId, place, startedAt: 2_000 })
    expect(await order()).toEqual([ahead, second, first].map((turn) => turn.conversationId))
    expect(await store.conversations.latest(place)).toMatchObject({ conversation: { conversationId } })
  })

  it(`${name} conversations.latest() prefers the terminal, then the directory`, async () => {
    await using opened = await open()
    const { store } = opened
    const latest = async (tty: string | null, directory: string | null) => {
      const { conversation, match } = await store.conversations.latest({ tty, directory })
      return [conversation?.conversationId ?? null, match]
    }
    expect(await latest('/dev/pts/1', '/home')).toEqual([null, null])
    const here = await saveTurn(store, { place: { tty: '/dev/pts/1', directory: '/a' }, startedAt: 10 })
    const there = await saveTurn(store, { place: { tty: '/dev/pts/2', directory: '/a' }, startedAt: 20 })
    const phone = await saveTurn(store, { startedAt: 30 })
    expect(await latest('/dev/pts/1', '/a')).toEqual([here.conversationId, 'terminal'])
    expect(await latest('/dev/pts/9', '/a')).toEqual([there.conversationId, 'directory'])
    expect(await latest(null, '/b')).toEqual([phone.conversationId, 'anywhere'])
    const { conversationId, messageId: parentId } = here
    await saveTurn(store, { conversationId, parentId, startedAt: 40, place: { tty: null, directory: '/a' } })
    expect(await latest(null, '/a')).toEqual([conversationId, 'directory'])
    await saveTurn(store, { conversationId, parentId, startedAt: 50, place: { tty: '/dev/pts/2', directory: '/a' } })
    expect(await latest('/dev/pts/2', null)).toEqual([conversationId, 'terminal'])
    await store.conversations.delete(conversationId)
    expect(await latest('/dev/pts/1', '/a')).toEqual([there.conversationId, 'directory'])
    expect(await latest('/dev/pts/2', null)).toEqual([there.conversationId, 'terminal'])
  })
}

function describeSearch(name: string, open: OpenStoreForTest): void {
  it(`${name} messages.search() finds questions, answers and titles, and marks the words`, async () => {
    await using opened = await open()
    const { store } = opened
    const turn = await saveTurn(store, {
      title: 'Trip planning',
      prompt: 'Where is Malmö?',
      answer: 'Malmö lies in Sweden, across from Copenhagen',
    })
    const search = async (query: string) => (await store.messages.search(query, 10)).hits
    const ids = (hits: readonly SearchHit[]) => hits.map((hit) => hit.messageId)
    expect(ids(await search('malmo')).toSorted()).toEqual([turn.userMessageId, turn.messageId].toSorted())
    expect(await search('"lies in" swed')).toEqual([
      {
        conversationId: turn.conversationId,
        title: 'Trip planning',
        messageId: turn.messageId,
        role: 'assistant',
        createdAt: turn.startedAt,
        snippet: 'Malmö \u0002lies in\u0003 \u0002Sweden\u0003, across from Copenhagen',
      },
    ])
    expect(await search('plann')).toMatchObject([
      { messageId: turn.userMessageId, role: 'user', snippet: 'Trip \u0002planning\u0003' },
    ])
    expect(await search('"in lies"')).toEqual([])
    await store.conversations.update(turn.conversationId, { title: 'Holidays' })
    expect(await search('planning')).toEqual([])
    expect(ids(await search('holiday'))).toEqual([turn.userMessageId])
  })

  it(`${name} messages.search() leaves running replies and reasoning out`, async () => {
    await using opened = await open()
    const { store } = opened
    const turn = newTurn({ prompt: 'axolotl' })
    await store.turns.start(turn)
    store.turns.append({ messageId: turn.messageId, seq: 1, type: 'text', text: 'axolotl' })
    await store.reserveSequence(1)
    expect(await store.messages.search('axolotl', 10)).toEqual({ hits: [], truncated: false })
    expect((await store.messages.search('untitled', 10)).hits).toMatchObject([{ messageId: turn.userMessageId }])
    const parts = [{ type: 'reasoning', text: 'capybara' } as const]
    await store.turns.end({
      ...{ turnId: turn.turnId, messageId: turn.messageId, parts, model: turn.model, finish: null, usage: null },
      ...{ outcome: { type: 'cancelled' }, costMicros: null, firstPartMs: null, endedAt: 5, attempts: [], story: null },
    })
    expect((await store.messages.search('axolotl', 10)).hits).toHaveLength(1)
    expect((await store.messages.search('capybara', 10)).hits).toEqual([])
  })
}
