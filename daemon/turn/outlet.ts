// What a provider says, on its way to readers and to the store.

import { fold, mergeDeltas, type StreamPart } from '../../src/protocol/stream.ts'
import type { Rooms } from './rooms.ts'
import type { RunningTurn } from './running-turn.ts'

/** Resolves when these parts are published and handed to the next save. */
export async function show(
  { hub, store }: Pick<Rooms, 'hub' | 'store'>,
  turn: RunningTurn,
  parts: readonly StreamPart[],
): Promise<void> {
  const { conversationId, turnId, messageId, log } = turn.plan
  for (const part of mergeDeltas(parts)) {
    turn.reply = fold(turn.reply, part)
    const seq = await hub.publish({ conversationId, turnId, ...part })
    if (!log || (part.type !== 'text-delta' && part.type !== 'reasoning-delta')) continue
    // Calls of tools are acted on when they are whole, and saved with the end.
    store.turns.append({
      messageId,
      seq,
      type: part.type === 'text-delta' ? 'text' : 'reasoning',
      text: part.text,
    })
  }
}
