// What a reader of one conversation was shown, and when.

import type { ConversationId, TurnId } from '../../src/protocol/ids.ts'
import type { NatterEvent } from '../../src/protocol/schema/events.ts'
import { textOf } from '../../src/protocol/stream.ts'
import { readEvents } from './raw-socket.ts'

export interface Seen {
  readonly event: NatterEvent
  /** performance.now() at its arrival. */
  readonly at: number
}

export interface Recorder {
  readonly seen: readonly Seen[]
  readonly lastSeq: number | null
  /** Resolves when the connection has ended. */
  readonly closed: Promise<void>
  stop(): void
}

export function startRecorder(
  socketPath: string,
  conversationId: ConversationId,
  lastSeq: number | null = null,
): Recorder {
  const seen: Seen[] = []
  const stopping = new AbortController()
  const closed = record().catch(() => {
    // The daemon was killed before it answered: nothing was shown.
  })
  return {
    seen,
    closed,
    get lastSeq() {
      return seen.at(-1)?.event.seq ?? lastSeq
    },
    stop: () => stopping.abort(),
  }

  async function record(): Promise<void> {
    const events = readEvents(socketPath, conversationId, { lastSeq, signal: stopping.signal })
    for await (const event of events) seen.push({ event, at: performance.now() })
  }
}

export interface Shown {
  /** The answer's text so far. */
  readonly text: string
  readonly at: number
}

/** How the answer of a turn grew before the reader's eyes; throws where it was started or ended twice. */
export function shownOf(seen: readonly Seen[], turnId: TurnId): readonly Shown[] {
  const shown: Shown[] = []
  let text = ''
  for (const { event, at } of seen) {
    if (event.type === 'snapshot') {
      const turn = event.turns.find((view) => view.turnId === turnId)
      if (turn !== undefined) text = textOf(turn.parts)
    } else if (event.type === 'text-delta' && event.turnId === turnId) {
      text += event.text
    }
    shown.push({ text, at })
  }
  return shown
}

/** How often a reader was told that the turn began, or ended. */
export function countOf(seen: readonly Seen[], turnId: TurnId, type: 'turn-start' | 'turn-end'): number {
  return seen.filter(({ event }) => event.type === type && event.turnId === turnId).length
}
