// Usage of an ended turn: the provider's word, else our count, said to be one.

import type { ReplyState, Usage } from '../../src/protocol/stream.ts'
import type { Rooms } from './rooms.ts'
import type { RunningTurn } from './running-turn.ts'

/** Null where nothing was sent. The counter learns from every reported number. */
export function settleUsage(
  { tokens }: Pick<Rooms, 'tokens'>,
  { model, reply, attempts, sent }: RunningTurn,
): Usage | null {
  // Given again, an answer uses nothing.
  if (attempts.length === 0 || sent === null) return null
  const inputTokens = sent.tokens
  if (reply.usage !== null) {
    if (!reply.usage.estimated) tokens.calibrate(model, inputTokens, reply.usage.inputTokens)
    return reply.usage
  }
  // Refused or unreachable before the first part: nothing is billed.
  if (reply.parts.length === 0) return null
  const reasoningTokens = tokens.estimate(
    model,
    reply.parts.flatMap((part) => (part.type === 'reasoning' ? [part.text] : [])).join(''),
  )
  return {
    inputTokens,
    outputTokens: tokens.estimate(model, writtenOf(reply)) + reasoningTokens,
    cachedInputTokens: 0,
    cacheWriteTokens: 0,
    reasoningTokens,
    estimated: true,
  }
}

/** Text, and the arguments of calls. */
function writtenOf({ parts }: ReplyState): string {
  return parts.map((part) => (part.type === 'reasoning' ? '' : part.text)).join('')
}
