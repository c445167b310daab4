// Usage of an ended turn: the provider's word, else our count, said to be one.

import type { ReplyState, Usage } from '../../src/protocol/stream.ts'
import { countedUsage } from './cost.ts'
import type { Rooms } from './rooms.ts'
import type { RunningTurn } from './running-turn.ts'
import { silentCut } from './silent-cut.ts'

/** Null where nothing was sent. The counter learns from what is reported of all that was sent. */
export function settleUsage(
  rooms: Pick<Rooms, 'tokens' | 'providers' | 'settings'>,
  { model, reply, attempts, sent, notes }: RunningTurn,
): Usage | null {
  const { tokens } = rooms
  // Given again, an answer uses nothing.
  if (attempts.length === 0 || sent === null) return null
  const inputTokens = sent.tokens
  if (reply.usage !== null) {
    if (reply.usage.estimated) return reply.usage
    const reported = reply.usage.inputTokens
    const cut = silentCut(rooms, { model, counted: inputTokens, reported })
    if (cut === null) tokens.calibrate(model, inputTokens, reported)
    else notes.push(cut)
    return reply.usage
  }
  // Refused or unreachable before the first part: nothing is billed.
  if (reply.parts.length === 0) return null
  const reasoningTokens = tokens.estimate(
    model,
    reply.parts.flatMap((part) => (part.type === 'reasoning' ? [part.text] : [])).join(''),
  )
  return countedUsage(inputTokens, tokens.estimate(model, writtenOf(reply)) + reasoningTokens, reasoningTokens)
}

/** Text, and the arguments of calls. */
function writtenOf({ parts }: ReplyState): string {
  return parts.map((part) => (part.type === 'reasoning' ? '' : part.text)).join('')
}
