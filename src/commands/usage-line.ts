// What an answer took, in one line for stderr.

import type { TurnResult } from '../client/follow-turn.ts'
import { formatCost, formatDuration, formatTokens } from '../render/plain.ts'

export function usageLine({ model, reply, costMicros, firstPartMs }: TurnResult): string {
  const { usage } = reply
  const about = usage?.estimated === true ? '~' : ''
  const parts = [
    model,
    usage === null
      ? 'tokens unknown'
      : `${about}${formatTokens(usage.inputTokens)} in, ${about}${formatTokens(usage.outputTokens)} out`,
    ...(usage !== null && usage.reasoningTokens > 0 ? [`${formatTokens(usage.reasoningTokens)} of it reasoning`] : []),
    ...(usage !== null && usage.cachedInputTokens > 0 ? [`${formatTokens(usage.cachedInputTokens)} from cache`] : []),
    `cost ${formatCost(costMicros)}`,
    ...(firstPartMs === null ? [] : [`first token after ${formatDuration(firstPartMs)}`]),
  ]
  return parts.join(' · ')
}
