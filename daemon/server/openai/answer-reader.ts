// One turn as it is written: each of its parts once, whether it comes as an event or within a snapshot.

import { fromErrorInfo, NatterError } from '../../../src/protocol/errors.ts'
import type { TurnId } from '../../../src/protocol/ids.ts'
import type { NatterEvent, TurnSnapshot } from '../../../src/protocol/schema/events.ts'
import type { Finish, MessagePart, StreamPart, Usage } from '../../../src/protocol/stream.ts'
import { wholeEnd } from '../../../src/protocol/text.ts'
import type { Frame, Subscription } from '../../hub/hub.ts'
import { BadRequest } from './errors.ts'

/** Text, reasoning, or a piece of a call. */
export type AnswerPart = Extract<StreamPart, { readonly text: string }>

export interface Ending {
  readonly finish: Finish | null
  readonly usage: Usage | null
  /** Null: the answer is whole. */
  readonly failure: NatterError | null
}

export interface AnswerReader {
  /** The one that answers, `provider/model`; another may have to stand in before the first part. */
  readonly model: string
  /** Null: there is more to come. */
  readonly ending: Ending | null
  /** What is new; empty where there is nothing now. */
  take(): readonly AnswerPart[]
  /** Resolves when there may be something new, or when the signal aborts. */
  ready(signal: AbortSignal): Promise<void>
}

/** Characters taken at once: about what one write holds. */
const TAKE_CHARS = 16 * 1024

/** A part of which so much was taken. */
interface Taken {
  readonly type: MessagePart['type']
  readonly callId: string | null
  chars: number
}

export function createAnswerReader(subscription: Subscription, turnId: TurnId, model: string): AnswerReader {
  const taken: Taken[] = []
  let answering = model
  let finish: Finish | null = null
  let ending: Ending | null = null
  return {
    get model() {
      return answering
    },
    get ending() {
      return ending
    },
    take() {
      const parts: AnswerPart[] = []
      for (const frame of subscription.take(TAKE_CHARS)) read(frame, parts)
      return parts
    },
    ready: (signal) => subscription.ready(signal),
  }

  function read(frame: Frame, parts: AnswerPart[]): void {
    const event = frame.event()
    if (event.type === 'snapshot') {
      catchUp(event.turns.find((turn) => turn.turnId === turnId) ?? null, parts)
      return
    }
    if ('turnId' in event && event.turnId === turnId) readEvent(event, parts)
  }

  function readEvent(event: Extract<NatterEvent, { turnId: TurnId }>, parts: AnswerPart[]): void {
    switch (event.type) {
      case 'text-delta':
      case 'reasoning-delta':
      case 'tool-call-delta':
        grow(event)
        parts.push(event)
        return
      case 'finish':
        finish = { reason: event.reason, raw: event.raw }
        return
      case 'turn-start':
      case 'turn-model':
        answering = event.model
        return
      case 'turn-end':
        answering = event.model
        ending = toEnding(event.outcome, finish, event.usage)
        return
      case 'turn-wait':
      case 'usage':
        return
    }
  }

  /** As `fold` lets a message grow. */
  function grow(part: AnswerPart): void {
    const { type, callId } = keyOf(part)
    const last = callId === null ? taken.at(-1) : taken.findLast((known) => known.callId === callId)
    if (last !== undefined && last.type === type) last.chars += part.text.length
    else if (callId !== null || part.text !== '') taken.push({ type, callId, chars: part.text.length })
  }

  /** A snapshot holds all of it: what was taken is its beginning. */
  function catchUp(turn: TurnSnapshot | null, parts: AnswerPart[]): void {
    if (turn === null) {
      ending = { finish, usage: null, failure: lost() }
      return
    }
    for (const [index, part] of turn.parts.entries()) {
      const start = taken[index]?.chars ?? null
      for (const piece of piecesOf(part, start ?? 0, start === null)) {
        grow(piece)
        parts.push(piece)
      }
    }
    answering = turn.model
    finish = turn.finish
    if (turn.outcome !== null) ending = toEnding(turn.outcome, finish, turn.usage)
  }
}

function keyOf(part: AnswerPart): Pick<Taken, 'type' | 'callId'> {
  switch (part.type) {
    case 'text-delta':
      return { type: 'text', callId: null }
    case 'reasoning-delta':
      return { type: 'reasoning', callId: null }
    case 'tool-call-delta':
      return { type: 'tool-call', callId: part.callId }
  }
}

/** In portions, so that a reader who stalls in the midst of them holds one. A call without arguments is one, too. */
function* piecesOf(part: MessagePart, from: number, isNew: boolean): Generator<AnswerPart, void> {
  if (isNew && part.type === 'tool-call' && part.text === '') yield { ...part, type: 'tool-call-delta' }
  for (let start = from, end = from; start < part.text.length; start = end) {
    end = wholeEnd(part.text, start + TAKE_CHARS)
    const text = part.text.slice(start, end)
    switch (part.type) {
      case 'text':
        yield { type: 'text-delta', text }
        break
      case 'reasoning':
        yield { type: 'reasoning-delta', text }
        break
      case 'tool-call':
        yield { ...part, type: 'tool-call-delta', text }
        break
    }
  }
}

function toEnding(outcome: NonNullable<TurnSnapshot['outcome']>, finish: Finish | null, usage: Usage | null): Ending {
  switch (outcome.type) {
    case 'completed':
      return { finish, usage, failure: null }
    case 'cancelled':
      return { finish, usage, failure: stopped() }
    case 'failed':
      return { finish, usage, failure: fromErrorInfo(outcome.error) }
  }
}

/** Nobody wants it asked again: a status of the client's side keeps clients from doing that by themselves. */
function stopped(): NatterError {
  return new BadRequest('Cannot finish the answer: it was stopped', { code: 'cancelled', status: 499 })
}

function lost(): NatterError {
  return new NatterError('interrupted', 'Cannot follow the answer: it is not in memory any more', {
    hint: 'Ask again, and read faster',
  })
}
