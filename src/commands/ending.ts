// How an answer ended that its outcome calls completed: refused, cut off, empty, or asking for a tool.

import type { TurnResult } from '../client/follow-turn.ts'
import { type Finish, textOf } from '../protocol/stream.ts'

export type EndingType = 'whole' | 'refused' | 'cut-off' | 'tool' | 'empty'

type Ended = Pick<TurnResult['reply'], 'parts' | 'finish'>

/** What vendors also say of an answer that is whole: it is no reason for a refusal. */
const ORDINARY: ReadonlySet<string> = new Set(['stop', 'completed', 'end_turn', 'STOP'])

export function endingOf({ parts, finish }: Ended): EndingType {
  if (finish?.reason === 'content-filter') return 'refused'
  if (finish?.reason === 'length') return 'cut-off'
  if (finish?.reason === 'tool-calls') return 'tool'
  return textOf(parts).trim() === '' ? 'empty' : 'whole'
}

/** Whether the model, or what its provider put before it, did not want to answer; decides the exit code. */
export function isRefused({ outcome, reply }: TurnResult): boolean {
  return outcome.type === 'completed' && endingOf(reply) === 'refused'
}

/** A sentence without its subject's article: "was cut off …"; null where the answer is whole. */
export function describeEnding(ended: Ended): string | null {
  switch (endingOf(ended)) {
    case 'whole':
      return null
    case 'refused':
      return `was refused or filtered${vendorWord(ended.finish)}`
    case 'cut-off':
      return textOf(ended.parts).trim() === ''
        ? 'reached its limit of output tokens before its first word'
        : 'was cut off at its limit of output tokens'
    case 'tool':
      return 'ended where the model asked for a tool: natter runs none'
    case 'empty':
      return `is empty: the model ended it without a word${vendorWord(ended.finish)}`
  }
}

function vendorWord(finish: Finish | null): string {
  const raw = finish?.raw ?? ''
  return raw === '' || ORDINARY.has(raw) ? '' : ` (its provider says "${raw}")`
}
