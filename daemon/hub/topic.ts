// One conversation in memory: the tail of its event log, and its turns as a snapshot would show them.

import type { ConversationId, TurnId } from '../../src/protocol/ids.ts'
import type { NatterEvent, TurnSnapshot } from '../../src/protocol/schema/events.ts'
import { fold } from '../../src/protocol/stream.ts'
import type { Frame } from './hub.ts'
import type { GrowingTurn } from './snapshot-frame.ts'

/** What the tail may hold, in characters of JSON; who is further behind gets a snapshot. */
const LOG_CHARS = 256 * 1024
/** Ended turns a snapshot still shows. */
const ENDED_TURNS = 4

/** An append-only log of which only the tail is kept; positions count from its very first entry. */
export interface EventLog {
  readonly end: number
  append(event: NatterEvent): void
  /** The entry at a position, or null past the end; undefined where it was dropped. */
  at(position: number): Frame | null | undefined
  /** The position of the first entry after `seq`; undefined where entries after it may have been dropped. */
  after(seq: number): number | undefined
}

/** `since`: the seq before which this log knows nothing. */
export function createEventLog(since: number): EventLog {
  let frames: Frame[] = []
  let dropped = 0
  let droppedSeq = since
  let chars = 0
  return {
    get end() {
      return dropped + frames.length
    },
    append(event) {
      frames.push(toFrame(event))
      chars += sizeOf(event)
      if (chars > LOG_CHARS) drop()
    },
    at(position) {
      if (position < dropped) return undefined
      return frames[position - dropped] ?? null
    },
    after(seq) {
      if (seq < droppedSeq) return undefined
      let low = 0
      let high = frames.length
      while (low < high) {
        const middle = (low + high) >> 1
        if ((frames[middle]?.seq ?? 0) <= seq) low = middle + 1
        else high = middle
      }
      return dropped + low
    },
  }

  /** Half at a time, so that a full log does not move its array for every event. */
  function drop(): void {
    const count = Math.ceil(frames.length / 2)
    droppedSeq = frames[count - 1]?.seq ?? droppedSeq
    frames = frames.slice(count)
    dropped += count
    chars = frames.reduce((sum, frame) => sum + frame.size, 0)
  }
}

function toFrame(event: NatterEvent): Frame {
  let json: string | null = null
  return {
    seq: event.seq,
    type: event.type,
    size: sizeOf(event),
    event: () => event,
    pieces() {
      json ??= JSON.stringify(event)
      return [json]
    },
  }
}

function sizeOf(event: NatterEvent): number {
  return 160 + ('text' in event ? event.text.length : 0)
}

export interface Topic {
  readonly conversationId: ConversationId
  readonly log: EventLog
  readonly readers: Set<() => void>
  apply(event: NatterEvent): void
  restore(turn: TurnSnapshot): void
  turns(): readonly GrowingTurn[]
  /** When its last turn ended; null while one is open. */
  idleSince(): number | null
}

export function createTopic(conversationId: ConversationId, since: number, now: number): Topic {
  const turns = new Map<TurnId, { now: TurnSnapshot }>()
  let lastEnd = now
  return {
    conversationId,
    log: createEventLog(since),
    readers: new Set(),
    apply,
    restore: (turn) => turns.set(turn.turnId, { now: turn }),
    turns: () => [...turns.values()],
    idleSince: () => ([...turns.values()].some((turn) => turn.now.outcome === null) ? null : lastEnd),
  }

  function apply(event: NatterEvent): void {
    if (!('turnId' in event)) return
    if (event.type === 'turn-start') turns.set(event.turnId, { now: openTurn(event) })
    const turn = turns.get(event.turnId)
    if (turn === undefined) return
    turn.now = advance(turn.now, event)
    if (event.type !== 'turn-end') return
    lastEnd = event.at
    forgetOldest()
  }

  function forgetOldest(): void {
    const ended = [...turns.values()].filter((turn) => turn.now.outcome !== null)
    for (const turn of ended.slice(0, Math.max(0, ended.length - ENDED_TURNS))) turns.delete(turn.now.turnId)
  }
}

type TurnEvent = Extract<NatterEvent, { turnId: TurnId }>

function openTurn(event: Extract<NatterEvent, { type: 'turn-start' }>): TurnSnapshot {
  return {
    turnId: event.turnId,
    messageId: event.messageId,
    model: event.model,
    startedAt: event.at,
    parts: [],
    usage: null,
    finish: null,
    outcome: null,
    costMicros: null,
    firstPartMs: null,
  }
}

function advance(turn: TurnSnapshot, event: TurnEvent): TurnSnapshot {
  switch (event.type) {
    case 'turn-start':
      return turn
    case 'turn-wait': {
      const { reason, position, until } = event
      return { ...turn, wait: { reason, position, until } }
    }
    case 'turn-model':
      return { ...withoutWait(turn), model: event.model, modelReason: event.reason }
    case 'turn-end':
      return {
        ...withoutWait(turn),
        outcome: event.outcome,
        model: event.model,
        usage: event.usage,
        costMicros: event.costMicros,
        firstPartMs: event.firstPartMs,
        ...(event.cached === undefined ? {} : { cached: event.cached }),
      }
    case 'text-delta':
    case 'reasoning-delta':
    case 'tool-call-delta':
    case 'usage':
    case 'finish': {
      const folded = fold(turn, event)
      return { ...withoutWait(turn), parts: [...folded.parts], usage: folded.usage, finish: folded.finish }
    }
  }
}

/** Whatever is heard of a turn but that it waits says that it waits no longer. */
function withoutWait(turn: TurnSnapshot): TurnSnapshot {
  if (turn.wait === undefined) return turn
  const { wait: _, ...rest } = turn
  return rest
}
