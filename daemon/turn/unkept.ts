// What `natter why` tells of a turn that lived in memory only, for as long as it is among the newest: facts, and no text.

import type { Turn } from '../../src/protocol/schema/entities.ts'
import type { Story } from '../../src/protocol/schema/story.ts'
import type { Attempt } from '../store/store.ts'
import type { TurnEndEvent } from './run-turn.ts'
import type { RunningTurn } from './running-turn.ts'
import { toStory } from './story.ts'

export interface Why {
  readonly turn: Turn
  readonly attempts: readonly Attempt[]
  readonly story: Story
}

/** In place of a title, which would be the beginning of what was asked. */
const TITLE = '(not kept)'

export function toWhy(turn: RunningTurn, ending: TurnEndEvent, endedAt: number): Why {
  const { plan, model, reply, attempts } = turn
  const { turnId, conversationId, userMessageId, messageId, origin, startedAt } = plan
  const { outcome, usage, costMicros, firstPartMs } = ending
  return {
    turn: {
      ...{ turnId, conversationId, userMessageId, messageId, title: TITLE },
      ...{ model, origin, status: 'ended', wait: null, outcome, usage, costMicros, firstPartMs, startedAt, endedAt },
      finish: reply.finish === null ? null : { ...reply.finish },
      outputTokens: usage?.outputTokens ?? 0,
    },
    attempts: [...attempts],
    story: toStory(turn),
  }
}
