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
    if (reply.usage.estimated) return withWritten(reply.usage, countWritten(tokens, model, reply))
    const reported = reply.usage.inputTokens
    const cut = silentCut(rooms, { model, counted: inputTokens, reported })
    if (cut === null) tokens.calibrate(model, inputTokens, reported)
    else notes.push(cut)
    return reply.usage
  }
  // Refused or unreachable before the first part: nothing is billed.
  if (reply.parts.length === 0) return null
  const { outputTokens, reasoningTokens } = countWritten(tokens, model, reply)
  return countedUsage(inputTokens, outputTokens, reasoningTokens)
}

type Written = Pick<Usage, 'outputTokens' | 'reasoningTokens'>

/** Of an answer that was stopped or cut a provider may have told the input and no more than the beginning of the output. */
function withWritten(usage: Usage, { outputTokens, reasoningTokens }: Written): Usage {
  return {
    ...usage,
    outputTokens: Math.max(usage.outputTokens, outputTokens),
    reasoningTokens: Math.max(usage.reasoningTokens, reasoningTokens),
  }
}

/** The text, the reasoning, and the arguments of calls. */
function countWritten(tokens: Rooms['tokens'], model: string, { parts }: ReplyState): Written {
  const textOf = (isReasoning: boolean) =>
    parts.map((part) => ((part.type === 'reasoning') === isReasoning ? part.text : '')).join('')
  const reasoningTokens = tokens.estimate(model, textOf(true))
  return { outputTokens: tokens.estimate(model, textOf(false)) + reasoningTokens, reasoningTokens }
}
