// What every implementation of the store must do, whatever stands behind it.

import { expect, it } from 'vitest'
import type { LedgerEntry, Store } from '../../daemon/store/store.ts'
import { createId } from '../../src/protocol/ids.ts'
import type { MessagePart } from '../../src/protocol/stream.ts'
import { endOf, newConversation, newTurn, saveTurn } from '../helpers/store.ts'
import { describeStoreDevices } from './store-devices.ts'
import { describeStoreFinding } from './store-finding.ts'

export type OpenStoreForTest = () => Promise<{ readonly store: Store } & AsyncDisposable>

export function describeStore(name: string, open: OpenStoreForTest): void {
  describeConversations(name, open)
  describeTurns(name, open)
  describeEnds(name, open)
  describeBranches(name, open)
  describeStoreFinding(name, open)
  describeStoreDevices(name, open)
}

function describeConversations(name: string, open: OpenStoreForTest): void {
  it(`${name} conversations.create() gives back what it was given`, async () => {
    await using opened = await open()
    const conversation = newConversation({
      title: 'Größe \u0000 🦊',
      model: 'demo/natter',
      system: 'Be brief',
      parameters: { temperature: 0.5, extra: { top_k: 4 } },
      fallback: 'ask',
    })
    const created = await opened.store.conversations.create(conversation)
    expect(created).toEqual({
      ...conversation,
      leafId: null,
      messageCount: 0,
      costMicros: 0,
      unpricedAnswers: 0,
      usedAt: conversation.createdAt,
    })
    expect(await opened.store.conversations.get(conversation.conversationId)).toEqual(created)
    await expect(opened.store.conversations.create(conversation)).rejects.toMatchObject({ code: 'conflict' })
  })

  it(`${name} conversations.update() changes only what it is given`, async () => {
    await using opened = await open()
    const turn = await saveTurn(opened.store, { title: 'Before' })
    const { conversationId } = turn
    const before = await opened.store.conversations.get(conversationId)
    expect(await opened.store.conversations.update(conversationId, { title: 'After' })).toEqual({
      ...before,
      title: 'After',
    })
    const changed = await opened.store.conversations.update(conversationId, {
      model: 'a/b',
      system: 'S',
      parameters: { seed: 1 },
      fallback: 'never',
      leafId: turn.userMessageId,
    })
    expect(changed).toEqual({
      ...before,
      title: 'After',
      model: 'a/b',
      system: 'S',
      parameters: { seed: 1 },
      fallback: 'never',
      leafId: turn.userMessageId,
    })
    expect(await opened.store.conversations.update(createId('cnv'), { title: 'x' })).toBeNull()
    await expect(opened.store.conversations.update(conversationId, { leafId: createId('msg') })).rejects.toMatchObject({
      code: 'not-found',
    })
  })

  it(`${name} conversations.keepSummary() keeps the last one, until the conversation goes`, async () => {
    await using opened = await open()
    const { conversations } = opened.store
    const turn = await saveTurn(opened.store)
    const { conversationId } = turn
    expect(await conversations.summary(conversationId)).toBeNull()
    const summary = { upTo: turn.messageId, text: 'They greeted.', model: 'a/b', createdAt: 5 }
    await conversations.keepSummary(conversationId, { ...summary, text: 'before' })
    await conversations.keepSummary(conversationId, summary)
    expect(await conversations.summary(conversationId)).toEqual(summary)
    await conversations.delete(conversationId)
    expect(await conversations.summary(conversationId)).toBeNull()
    await conversations.keepSummary(conversationId, summary)
    expect(await conversations.summary(conversationId)).toBeNull()
  })

  it(`${name} conversations.delete() takes messages and search rows along, once`, async () => {
    await using opened = await open()
    const { store } = opened
    const turn = await saveTurn(store, { prompt: 'about zebras', title: 'zebras', answer: 'zebras are striped' })
    const running = newTurn({ conversationId: turn.conversationId, parentId: turn.messageId })
    await store.turns.start(running)
    store.turns.append({ messageId: running.messageId, seq: 1, type: 'text', text: 'lost' })
    expect(await store.conversations.delete(turn.conversationId)).toBe(true)
    expect(await store.conversations.delete(turn.conversationId)).toBe(false)
    expect(await store.conversations.get(turn.conversationId)).toBeNull()
    expect(await store.messages.get(turn.messageId)).toBeNull()
    expect(await store.turns.get(turn.turnId)).toBeNull()
    expect(await store.messages.search('zebras', 10)).toEqual({ hits: [], truncated: false })
    // The turn that was deleted while it ran may still end.
    await store.turns.end(endOf(running))
    expect(await store.messages.get(running.messageId)).toBeNull()
  })
}

function describeTurns(name: string, open: OpenStoreForTest): void {
  it(`${name} turns.start() saves the question, the empty reply and the conversation together`, async () => {
    await using opened = await open()
    const { store } = opened
    const turn = newTurn({ prompt: 'Why?', title: 'Why', origin: 'tui', deviceId: createId('dev') })
    const { turn: started, created } = await store.turns.start(turn)
    expect(created).toBe(true)
    expect(started).toEqual({
      turnId: turn.turnId,
      conversationId: turn.conversationId,
      title: 'Why',
      userMessageId: turn.userMessageId,
      messageId: turn.messageId,
      model: turn.model,
      origin: 'tui',
      status: 'running',
      wait: null,
      outcome: null,
      finish: null,
      usage: null,
      costMicros: null,
      outputTokens: 0,
      firstPartMs: null,
      startedAt: turn.startedAt,
      endedAt: null,
    })
    expect(await store.conversations.get(turn.conversationId)).toMatchObject({
      leafId: turn.messageId,
      messageCount: 2,
      usedAt: turn.startedAt,
    })
    const { messages } = await store.messages.page(turn.conversationId, { limit: 10 })
    expect(messages.map(({ role, parts, outcome, parentId }) => ({ role, parts, outcome, parentId }))).toEqual([
      { role: 'user', parts: turn.userParts, outcome: null, parentId: null },
      { role: 'assistant', parts: [], outcome: null, parentId: turn.userMessageId },
    ])
  })

  it(`${name} turns.start() of a known turn changes nothing`, async () => {
    await using opened = await open()
    const turn = newTurn()
    await opened.store.turns.start(turn)
    const again = await opened.store.turns.start({ ...turn, userParts: [{ type: 'text', text: 'other' }] })
    expect(again.created).toBe(false)
    expect(again.turn.turnId).toBe(turn.turnId)
    expect(await opened.store.conversations.get(turn.conversationId)).toMatchObject({ messageCount: 2 })
    await opened.store.turns.end(endOf(turn))
    const late = await opened.store.turns.start(turn)
    expect(late).toEqual({ turn: await opened.store.turns.get(turn.turnId), created: false })
    expect(late.turn.status).toBe('ended')
  })

  it(`${name} turns.start() answers as turns.get() does, whatever the text is`, async () => {
    await using opened = await open()
    const turn = newTurn({ title: 'half a fox \ud83e' })
    const { turn: started } = await opened.store.turns.start(turn)
    expect(started).toEqual(await opened.store.turns.get(turn.turnId))
    const next = newTurn({ conversationId: turn.conversationId, parentId: turn.messageId, origin: 'phone' })
    expect((await opened.store.turns.start(next)).turn).toEqual(await opened.store.turns.get(next.turnId))
    const conversation = newConversation({ title: 'half a fox \ud83e', system: '\udd8a' })
    const created = await opened.store.conversations.create(conversation)
    expect(created).toEqual(await opened.store.conversations.get(conversation.conversationId))
  })

  it(`${name} turns.start() refuses a conversation or a parent that is not there`, async () => {
    await using opened = await open()
    const turn = await saveTurn(opened.store)
    const stranger = await saveTurn(opened.store)
    const lost = newTurn({ conversationId: createId('cnv') })
    await expect(opened.store.turns.start(lost)).rejects.toMatchObject({ code: 'not-found' })
    const wrong = newTurn({ conversationId: turn.conversationId, parentId: stranger.messageId })
    await expect(opened.store.turns.start(wrong)).rejects.toMatchObject({ code: 'not-found' })
    expect(await opened.store.turns.get(wrong.turnId)).toBeNull()
  })

  it(`${name} reserveSequence() gives no number twice`, async () => {
    await using opened = await open()
    const firsts = await Promise.all([1, 100, 7].map((count) => opened.store.reserveSequence(count)))
    const [first = 0] = firsts
    expect(firsts).toEqual([first, first + 1, first + 101])
    expect(await opened.store.reserveSequence(1)).toBe(first + 108)
  })
}

function describeEnds(name: string, open: OpenStoreForTest): void {
  it(`${name} turns.end() saves what the turn became, once`, async () => {
    await using opened = await open()
    const { store } = opened
    const turn = newTurn()
    await store.turns.start(turn)
    store.turns.append({ messageId: turn.messageId, seq: 1, type: 'text', text: 'An ans' })
    const error = { code: 'timeout', message: 'Too slow', hint: 'Wait' } as const
    const attempt = { number: 1, model: 'a/b', startedAt: 1, firstPartMs: null, endedAt: 2, error, requestId: 'req_1' }
    const end = endOf(turn, {
      parts: [
        { type: 'reasoning', text: 'Hm' },
        { type: 'text', text: 'An answer \ud800 \u0000 end' },
        { type: 'text', text: '' },
      ],
      model: 'a/b',
      outcome: { type: 'failed', error },
      attempts: [attempt, { ...attempt, number: 2, error: null, requestId: null }],
    })
    await store.turns.end(end)
    await store.turns.end({ ...end, parts: [], costMicros: 1_000 })
    const message = await store.messages.get(turn.messageId)
    const { outcome, finish, usage, costMicros, model } = end
    expect(message).toMatchObject({ outcome, finish, usage, costMicros, model })
    expect(message?.parts.map((part) => part.text)).toEqual(['Hm', 'An answer \ufffd \u0000 end', ''])
    expect(await store.turns.get(turn.turnId)).toMatchObject({
      status: 'ended',
      outcome,
      outputTokens: 5,
      firstPartMs: 7,
      endedAt: end.endedAt,
    })
    expect(await store.conversations.get(turn.conversationId)).toMatchObject({ costMicros: 42 })
  })

  it(`${name} turns.end() counts answers of a price nobody knows, and none that used nothing`, async () => {
    await using opened = await open()
    const { store } = opened
    const first = await saveTurn(store)
    const { conversationId } = first
    for (const values of [{ costMicros: null }, { costMicros: null, usage: null }, { costMicros: 0 }]) {
      const turn = newTurn({ conversationId, parentId: first.messageId })
      await store.turns.start(turn)
      await store.turns.end(endOf(turn, values))
    }
    expect(await store.conversations.get(conversationId)).toMatchObject({ costMicros: 42, unpricedAnswers: 1 })
  })

  it(`${name} turns.end() saves calls of tools among the text, in their order`, async () => {
    await using opened = await open()
    const { store } = opened
    const turn = newTurn()
    await store.turns.start(turn)
    const call = { type: 'tool-call', callId: 'call_1', name: 'get_weather', text: '{"city":"Aardvark"}' } as const
    const parts: readonly MessagePart[] = [
      { type: 'reasoning', text: 'Hm' },
      call,
      { type: 'text', text: 'Meanwhile' },
      { ...call, callId: 'call_2', text: '' },
      { type: 'text', text: ', wombats' },
    ]
    await store.turns.end(endOf(turn, { parts }))
    expect((await store.messages.get(turn.messageId))?.parts).toEqual(parts)
    expect((await store.messages.search('meanwhile wombats', 10)).hits).toHaveLength(1)
    expect((await store.messages.search('aardvark', 10)).hits).toEqual([])
    await store.conversations.delete(turn.conversationId)
    expect((await store.messages.search('meanwhile', 10)).hits).toEqual([])
  })

  it(`${name} turns.recover() ends what was left open with the text that was saved`, async () => {
    await using opened = await open()
    const { store } = opened
    const finished = await saveTurn(store)
    const turns = [newTurn(), newTurn()]
    for (const turn of turns) await store.turns.start(turn)
    const [open1, open2] = turns.map((turn) => turn.messageId)
    if (open1 === undefined || open2 === undefined) throw new TypeError('Two turns were made')
    store.turns.append({ messageId: open1, seq: 1, type: 'reasoning', text: 'Let ' })
    store.turns.append({ messageId: open1, seq: 2, type: 'reasoning', text: 'me ' })
    store.turns.append({ messageId: open2, seq: 3, type: 'text', text: 'other' })
    store.turns.append({ messageId: open1, seq: 4, type: 'text', text: 'quokka ' })
    store.turns.append({ messageId: open1, seq: 5, type: 'text', text: 'facts' })
    const recovered = await store.turns.recover(9_000)
    expect(recovered.map(({ messageId, parts, outcome }) => ({ messageId, parts, code: codeOf(outcome) }))).toEqual([
      {
        messageId: open1,
        parts: [
          { type: 'reasoning', text: 'Let me ' },
          { type: 'text', text: 'quokka facts' },
        ],
        code: 'interrupted',
      },
      { messageId: open2, parts: [{ type: 'text', text: 'other' }], code: 'interrupted' },
    ])
    // What came was billed, and for how much nobody heard: counted by its length, at a price that is not known.
    expect(recovered[0]).toMatchObject({
      usage: { inputTokens: 2, outputTokens: 5, reasoningTokens: 2, estimated: true },
      costMicros: null,
    })
    const [{ conversationId } = { conversationId: createId('cnv') }] = turns
    expect(await store.conversations.get(conversationId)).toMatchObject({ costMicros: 0, unpricedAnswers: 1 })
    expect((await store.messages.search('quokka', 10)).hits.map((hit) => hit.messageId)).toEqual([open1])
    expect(await store.turns.recover(9_001)).toEqual([])
    expect(await store.messages.get(finished.messageId)).toMatchObject({ outcome: { type: 'completed' } })
  })

  it(`${name} turns.record() takes the row of a turn that nobody stored`, async () => {
    await using opened = await open()
    const entry: LedgerEntry = {
      ...{ turnId: createId('trn'), deviceId: null, origin: 'script', model: 'a/b' },
      ...{ usage: null, costMicros: null, outcome: { type: 'cancelled' }, attempts: 1, startedAt: 1, endedAt: 2 },
    }
    opened.store.turns.record(entry)
    opened.store.turns.record(entry)
    expect(await opened.store.turns.get(entry.turnId)).toBeNull()
  })
}

function describeBranches(name: string, open: OpenStoreForTest): void {
  it(`${name} messages.page() walks the branch in view backwards, without gap or repeat`, async () => {
    await using opened = await open()
    const { store } = opened
    const first = await saveTurn(store, { prompt: '0' })
    const { conversationId } = first
    let parentId = first.messageId
    const shown = [first.userMessageId, first.messageId]
    for (let index = 1; index < 6; index += 1) {
      // A sibling that is not in view.
      await saveTurn(store, { conversationId, parentId, prompt: `aside ${index}` })
      const turn = await saveTurn(store, { conversationId, parentId, prompt: `${index}` })
      shown.push(turn.userMessageId, turn.messageId)
      parentId = turn.messageId
    }
    const seen: string[] = []
    let page = await store.messages.page(conversationId, { limit: 5 })
    for (;;) {
      seen.unshift(...page.messages.map((message) => message.messageId))
      const [oldest] = page.messages
      if (!page.hasMore || oldest === undefined) break
      page = await store.messages.page(conversationId, { limit: 5, before: oldest.messageId })
    }
    expect(seen).toEqual(shown)
    const branch = await store.messages.branch(first.messageId, 10)
    expect(branch.map((message) => message.messageId)).toEqual(shown.slice(0, 2))
    expect((await store.messages.branch(parentId, 3)).map((message) => message.messageId)).toEqual(shown.slice(-3))
    expect(await store.messages.page(createId('cnv'), { limit: 5 })).toEqual({ messages: [], hasMore: false })
    expect(await store.messages.branch(createId('msg'), 5)).toEqual([])
  })
}

function codeOf(outcome: { readonly type: string; readonly error?: { readonly code: string } } | null): string | null {
  return outcome?.error?.code ?? null
}
