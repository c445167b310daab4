// What any StreamHub must do, whatever stands behind it.

import { describe, expect, it } from 'vitest'
import { type Frame, jsonOf, type StreamHub, type Subscription } from '../../daemon/hub/hub.ts'
import { type ConversationId, createId, type TurnId } from '../../src/protocol/ids.ts'
import type { EventBody, NatterEvent } from '../../src/protocol/schema/events.ts'
import { EMPTY_REPLY, fold, textOf } from '../../src/protocol/stream.ts'

export interface OpenedHub extends AsyncDisposable {
  readonly hub: StreamHub
}

export function describeHub(name: string, open: () => Promise<OpenedHub>): void {
  describe(name, () => {
    it('subscribe() begins with a snapshot that holds the running turn as far as it came', async () => {
      await using opened = await open()
      const turn = startedTurn()
      await publishAll(opened.hub, [turn.start, turn.text('Hel'), turn.text('lo')])
      using subscription = await opened.hub.subscribe({ conversations: [turn.conversationId], after: null })
      const [snapshot, ...rest] = parse(subscription.take(1e6))
      expect(rest).toEqual([])
      expect(snapshot).toMatchObject({ type: 'snapshot', turns: [{ turnId: turn.turnId, outcome: null }] })
      expect(snapshot?.type === 'snapshot' && textOf(snapshot.turns[0]?.parts ?? [])).toBe('Hello')
    })

    it('subscribe() begins with what a turn waits for, until it is answered', async () => {
      await using opened = await open()
      const turn = startedTurn()
      const { conversationId, turnId } = turn
      const wait = { reason: 'requests', position: 2, until: 99 } as const
      await publishAll(opened.hub, [turn.start, { type: 'turn-wait', conversationId, turnId, ...wait }])
      const snapshot = async () => {
        using subscription = await opened.hub.subscribe({ conversations: [conversationId], after: null })
        return parse(subscription.take(1e6))[0]
      }
      expect(await snapshot()).toMatchObject({ turns: [{ turnId, wait }] })
      await publishAll(opened.hub, [turn.text('a')])
      expect(await snapshot()).toMatchObject({ turns: [expect.not.objectContaining({ wait: expect.anything() })] })
    })

    it('publish() makes several events of a long text, which are the same text, and answers the last seq', async () => {
      await using opened = await open()
      const turn = startedTurn()
      using subscription = await opened.hub.subscribe({ conversations: [turn.conversationId], after: null })
      await publishAll(opened.hub, [turn.start])
      const long = `x${'🐝'.repeat(30_000)}`
      const seq = await opened.hub.publish(turn.text(long))
      const deltas = parse(subscription.take(1e6)).flatMap((event) => (event.type === 'text-delta' ? [event] : []))
      expect(deltas.length).toBeGreaterThan(1)
      expect(deltas.at(-1)?.seq).toBe(seq)
      expect(deltas.every(({ text }) => text.length <= 20_000 && text.isWellFormed())).toBe(true)
      expect(deltas.map(({ text }) => text).join('')).toBe(long)
    })

    it('subscribe() resumes after a seq without loss, repeat or snapshot', async () => {
      await using opened = await open()
      const turn = startedTurn()
      await publishAll(opened.hub, [turn.start])
      const seen = await opened.hub.publish(turn.text('a'))
      await publishAll(opened.hub, [turn.text('b'), turn.end])
      using subscription = await opened.hub.subscribe({ conversations: [turn.conversationId], after: seen })
      expect(parse(subscription.take(1e6)).map((event) => event.type)).toEqual(['text-delta', 'turn-end'])
    })

    it('subscribe() answers a seq that is too old, or not yet given, with a fresh snapshot', async () => {
      await using opened = await open()
      const turn = startedTurn()
      await publishAll(opened.hub, [turn.start, turn.text('a')])
      for (const after of [0, 1e12]) {
        using subscription = await opened.hub.subscribe({ conversations: [turn.conversationId], after })
        expect(parse(subscription.take(1e6))[0]?.type).toBe('snapshot')
      }
    })

    it.each(['named', '*'])(
      'subscribe() begins again where a reader of several left before its last snapshot (%s)',
      async (kind) => {
        await using opened = await open()
        const turns = [startedTurn(), startedTurn()]
        for (const turn of turns) await publishAll(opened.hub, [turn.start, turn.text('a')])
        const conversations = kind === '*' ? kind : turns.map((turn) => turn.conversationId)
        using cut = await opened.hub.subscribe({ conversations, after: null })
        const [first, ...others] = cut.take(1e6)
        using resumed = await opened.hub.subscribe({ conversations, after: first?.seq ?? null })
        expect(resumed.take(1e6)).toHaveLength(1 + others.length)
        using whole = await opened.hub.subscribe({ conversations, after: others.at(-1)?.seq ?? null })
        expect(whole.take(1e6)).toEqual([])
      },
    )

    it('readers() counts who follows a conversation', async () => {
      await using opened = await open()
      const { conversationId } = startedTurn()
      using first = await opened.hub.subscribe({ conversations: [conversationId], after: null })
      const second = await opened.hub.subscribe({ conversations: [conversationId], after: null })
      using all = await opened.hub.subscribe({ conversations: '*', after: null })
      expect([first, second, all].length).toBe(3)
      expect(opened.hub.readers(conversationId)).toBe(2)
      second[Symbol.dispose]()
      expect(opened.hub.readers(conversationId)).toBe(1)
    })

    it('subscribe() never shows an event of another conversation', async () => {
      await using opened = await open()
      const [mine, other] = [startedTurn(), startedTurn()]
      using subscription = await opened.hub.subscribe({ conversations: [mine.conversationId], after: null })
      await publishAll(opened.hub, [mine.start, other.start, other.text('x'), mine.text('y'), other.end, mine.end])
      const ids = parse(subscription.take(1e6)).map((event) => event.conversationId)
      expect(new Set(ids)).toEqual(new Set([mine.conversationId]))
    })

    it('subscribe() merges several conversations in the order of seq', async () => {
      await using opened = await open()
      const turns = [startedTurn(), startedTurn(), startedTurn()]
      const conversations = turns.map((turn) => turn.conversationId)
      using subscription = await opened.hub.subscribe({ conversations, after: null })
      for (let round = 0; round < 20; round += 1) {
        for (const turn of turns) await opened.hub.publish(round === 0 ? turn.start : turn.text(`${round} `))
      }
      const seqs: number[] = []
      for (let frames = subscription.take(500); frames.length > 0; frames = subscription.take(500)) {
        seqs.push(...frames.filter((frame) => frame.type !== 'snapshot').map((frame) => frame.seq))
      }
      expect(seqs).toHaveLength(60)
      expect(seqs).toEqual([...seqs].sort((a, b) => a - b))
    })

    it('subscribe() tells readers of * starts, ends and changes, and never a delta', async () => {
      await using opened = await open()
      using subscription = await opened.hub.subscribe({ conversations: '*', after: null })
      const turn = startedTurn()
      await publishAll(opened.hub, [
        { type: 'conversation', conversationId: turn.conversationId, change: 'created', title: 'x' },
        turn.start,
        turn.text('secret'),
        turn.end,
      ])
      const events = parse(subscription.take(1e6))
      expect(events.map((event) => event.type)).toEqual(['conversation', 'turn-start', 'turn-end'])
    })

    it('take() gives a reader that fell far behind a snapshot with the same text and then the end', async () => {
      await using opened = await open()
      const turn = startedTurn()
      using slow = await opened.hub.subscribe({ conversations: [turn.conversationId], after: null })
      using fast = await opened.hub.subscribe({ conversations: [turn.conversationId], after: null })
      await opened.hub.publish(turn.start)
      let seen = ''
      let written = ''
      for (let index = 0; index < 5_000; index += 1) {
        const text = `${index} ${'x'.repeat(200)}\n`
        written += text
        await opened.hub.publish(turn.text(text))
        seen = shown(parse(fast.take(1e7)), seen)
      }
      await opened.hub.publish(turn.end)
      expect(seen).toBe(written)
      const events: NatterEvent[] = []
      for (let frames = slow.take(1e5); frames.length > 0; frames = slow.take(1e5)) events.push(...parse(frames))
      expect(shown(events, '')).toBe(written)
      const ended = events.some(
        (event) =>
          event.type === 'turn-end' || (event.type === 'snapshot' && event.turns.some((view) => view.outcome !== null)),
      )
      expect(ended).toBe(true)
      expect(events.length).toBeLessThan(3_000)
    })

    it('ready() resolves on news and on abort', async () => {
      await using opened = await open()
      const turn = startedTurn()
      using subscription = await opened.hub.subscribe({ conversations: [turn.conversationId], after: null })
      drain(subscription)
      const abort = new AbortController()
      const news = subscription.ready(abort.signal)
      await opened.hub.publish(turn.start)
      await news
      expect(drain(subscription)).toHaveLength(1)
      const silence = subscription.ready(abort.signal)
      abort.abort()
      await silence
      expect(drain(subscription)).toHaveLength(0)
    })

    it('restore() shows a turn that ended while no hub lived, to its readers and to those of *', async () => {
      await using opened = await open()
      const turn = startedTurn()
      using early = await opened.hub.subscribe({ conversations: '*', after: null })
      await opened.hub.restore(turn.conversationId, {
        turnId: turn.turnId,
        messageId: createId('msg'),
        model: 'demo/natter',
        startedAt: 1,
        parts: [{ type: 'text', text: 'half' }],
        usage: null,
        finish: null,
        outcome: { type: 'failed', error: { code: 'interrupted', message: 'Cut off', hint: null } },
        costMicros: null,
        firstPartMs: null,
      })
      expect(parse(early.take(1e6)).map((event) => event.type)).toEqual(['turn-end'])
      using own = await opened.hub.subscribe({ conversations: [turn.conversationId], after: 0 })
      expect(parse(own.take(1e6))).toMatchObject([
        { type: 'snapshot', turns: [{ outcome: { type: 'failed' }, parts: [{ text: 'half' }] }] },
      ])
      using late = await opened.hub.subscribe({ conversations: '*', after: 0 })
      expect(parse(late.take(1e6))).toMatchObject([
        { type: 'snapshot', turns: [{ outcome: { type: 'failed' }, parts: [] }] },
      ])
    })

    it('dispose() lets go of the reader', async () => {
      await using opened = await open()
      const turn = startedTurn()
      const subscription = await opened.hub.subscribe({ conversations: [turn.conversationId], after: null })
      expect(opened.hub.subscribers).toBe(1)
      subscription[Symbol.dispose]()
      subscription[Symbol.dispose]()
      expect(opened.hub.subscribers).toBe(0)
    })
  })
}

async function publishAll(hub: StreamHub, events: readonly EventBody[]): Promise<void> {
  for (const event of events) await hub.publish(event)
}

function drain(subscription: Subscription): readonly Frame[] {
  return subscription.take(1e7)
}

function parse(frames: readonly Frame[]): readonly NatterEvent[] {
  return frames.map((frame) => JSON.parse(jsonOf(frame)) as NatterEvent)
}

/** The text a screen shows after these events. */
function shown(events: readonly NatterEvent[], before: string): string {
  let text = before
  for (const event of events) {
    if (event.type === 'snapshot') text = textOf(event.turns[0]?.parts ?? [])
    if (event.type === 'text-delta') text += textOf(fold(EMPTY_REPLY, { type: 'text-delta', text: event.text }).parts)
  }
  return text
}

interface TestTurn {
  readonly conversationId: ConversationId
  readonly turnId: TurnId
  readonly start: EventBody
  readonly end: EventBody
  text(text: string): EventBody
}

function startedTurn(): TestTurn {
  const conversationId = createId('cnv')
  const turnId = createId('trn')
  return {
    conversationId,
    turnId,
    start: {
      type: 'turn-start',
      conversationId,
      turnId,
      messageId: createId('msg'),
      userMessageId: createId('msg'),
      model: 'demo/natter',
      origin: 'script',
    },
    end: {
      type: 'turn-end',
      conversationId,
      turnId,
      outcome: { type: 'completed' },
      model: 'demo/natter',
      usage: null,
      costMicros: 0,
      firstPartMs: 1,
    },
    text: (text) => ({ type: 'text-delta', conversationId, turnId, text }),
  }
}
