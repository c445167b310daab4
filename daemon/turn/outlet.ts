// What a provider says, on its way to readers and to the store: the first piece at once, then one piece a frame.

import { fold, mergeDeltas, type StreamPart } from '../../src/protocol/stream.ts'
import type { Rooms } from './rooms.ts'
import type { RunningTurn } from './running-turn.ts'

/**
 * What screens redraw text at, in milliseconds. Providers send a token a packet, and each event costs
 * every reader and the store more than the text in it.
 */
const FRAME_MS = 33

export interface Outlet {
  push(parts: readonly StreamPart[]): void
  /** Sends what waits; resolves when everything is published and handed to the next save. */
  flush(): Promise<void>
}

export function createOutlet(rooms: Pick<Rooms, 'hub' | 'store' | 'now'>, turn: RunningTurn): Outlet {
  const { conversationId, turnId, messageId, log } = turn.plan
  let waiting: StreamPart[] = []
  let timer: NodeJS.Timeout | null = null
  let sentAt = Number.NEGATIVE_INFINITY
  let sending = Promise.resolve()
  return {
    push(parts) {
      turn.firstPartAt ??= rooms.now()
      waiting.push(...parts)
      if (timer !== null) return
      const due = sentAt + FRAME_MS - performance.now()
      if (due <= 0) release()
      else timer = setTimeout(release, due)
    },
    flush() {
      release()
      return sending
    },
  }

  function release(): void {
    if (timer !== null) clearTimeout(timer)
    timer = null
    if (waiting.length === 0) return
    const parts = mergeDeltas(waiting)
    waiting = []
    sentAt = performance.now()
    sending = sending.then(() => send(parts))
    // Who flushes hears of a failure; until then it is not unhandled.
    sending.catch(() => {})
  }

  async function send(parts: readonly StreamPart[]): Promise<void> {
    for (const part of parts) {
      turn.reply = fold(turn.reply, part)
      const seq = await rooms.hub.publish({ conversationId, turnId, ...part })
      if (!log || (part.type !== 'text-delta' && part.type !== 'reasoning-delta')) continue
      rooms.store.turns.append({
        messageId,
        seq,
        type: part.type === 'text-delta' ? 'text' : 'reasoning',
        text: part.text,
      })
    }
  }
}
