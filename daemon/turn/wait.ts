// A turn that waits, as readers and `natter ps` see it.

import type { EventBody } from '../../src/protocol/schema/events.ts'
import type { Rooms } from './rooms.ts'
import type { RunningTurn } from './running-turn.ts'

export type Wait = Pick<Extract<EventBody, { type: 'turn-wait' }>, 'reason' | 'position' | 'until'>

export function tellWait({ hub }: Pick<Rooms, 'hub'>, turn: RunningTurn, wait: Wait): void {
  const { conversationId, turnId } = turn.plan
  turn.wait = wait
  // Nobody waits for a word about waiting; a hub that is closed has no readers.
  hub.publish({ type: 'turn-wait', conversationId, turnId, ...wait }).catch(() => {})
}
