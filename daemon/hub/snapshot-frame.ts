// A snapshot as JSON in small pieces, cut from the text as it is written: a reader that stalls in the middle of a long
// one holds a few numbers, not a copy of the reply.

import type { ConversationId } from '../../src/protocol/ids.ts'
import type { NatterEvent, TurnSnapshot } from '../../src/protocol/schema/events.ts'
import { type Frame, jsonOf } from './hub.ts'

const PIECE_CHARS = 16 * 1024

/** A turn whose text goes on growing; what was there once stays its beginning. */
export interface GrowingTurn {
  readonly now: TurnSnapshot
}

export interface SnapshotFacts {
  readonly seq: number
  readonly at: number
  readonly conversationId: ConversationId
}

/** `withText` false: what readers of `*` get. */
export function toSnapshotFrame(facts: SnapshotFacts, turns: readonly GrowingTurn[], withText: boolean): Frame {
  const heads = turns.map(({ now }) => {
    const { parts, ...rest } = now
    return { json: JSON.stringify(rest), lengths: withText ? parts.map((part) => part.text.length) : [] }
  })
  const chars = heads.reduce(
    (sum, { json, lengths }) => lengths.reduce((total, length) => total + length, sum + json.length),
    0,
  )
  const frame: Frame = {
    ...{ seq: facts.seq, type: 'snapshot', size: chars + 200, pieces },
    event: () => JSON.parse(jsonOf(frame)) as NatterEvent,
  }
  return frame

  function* pieces(): Generator<string, void> {
    yield `${JSON.stringify({ ...facts, type: 'snapshot' }).slice(0, -1)},"turns":[`
    for (const [index, { json, lengths }] of heads.entries()) {
      yield `${index === 0 ? '' : ','}${json.slice(0, -1)},"parts":[`
      for (const [part, length] of lengths.entries()) yield* partPieces(turns[index], part, length)
      yield ']}'
    }
    yield ']}'
  }
}

function* partPieces(turn: GrowingTurn | undefined, index: number, length: number): Generator<string, void> {
  const { text: _, ...facts } = turn?.now.parts[index] ?? { type: 'text', text: '' }
  yield `${index === 0 ? '' : ','}${JSON.stringify(facts).slice(0, -1)},"text":"`
  for (let start = 0; start < length; start += PIECE_CHARS) {
    const piece = turn?.now.parts[index]?.text.slice(start, Math.min(start + PIECE_CHARS, length)) ?? ''
    // Without its quotes; a surrogate pair that the cut parts becomes two escapes, which JSON joins again.
    yield JSON.stringify(piece).slice(1, -1)
  }
  yield '"}'
}
