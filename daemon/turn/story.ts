// What `natter why` tells of a turn.

import type { Story } from '../../src/protocol/schema/story.ts'
import type { RunningTurn } from './running-turn.ts'

export function toStory({ plan, waitedMs, sent, cached, notes }: RunningTurn): Story {
  return {
    waitedMs: Math.round(waitedMs),
    context:
      sent === null
        ? null
        : {
            sentMessages: sent.messages.length,
            leftOutMessages: sent.leftOut,
            sentTokens: sent.tokens,
            windowTokens: sent.windowTokens,
          },
    summary: sent === null || sent.summary === null ? null : { ...sent.summary },
    cached: cached === null ? null : { ...cached },
    fallback: plan.fallback,
    notes: [...notes],
  }
}
