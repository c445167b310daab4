// What an answer took, in one line for stderr.

import type { TurnResult } from '../client/follow-turn.ts'
import type { Usage } from '../protocol/stream.ts'
import { formatCost, formatDuration, formatRelativeTime, formatTokens } from '../render/plain.ts'
import { sanitizeLine } from '../render/sanitize.ts'
import { givenAgain } from './given-again.ts'

export function usageLine({ model, reply, costMicros, firstPartMs, cached }: TurnResult): string {
  const { usage } = reply
  const parts = [
    sanitizeLine(model),
    cached === undefined ? tokensOf(usage) : givenAgain(cached, formatRelativeTime(cached.createdAt, Date.now())),
    ...(usage !== null && usage.reasoningTokens > 0 ? [`${formatTokens(usage.reasoningTokens)} of it reasoning`] : []),
    ...(usage !== null && usage.cachedInputTokens > 0 ? [`${formatTokens(usage.cachedInputTokens)} from cache`] : []),
    `cost ${cached !== undefined ? 'nothing' : formatCost(costMicros)}`,
    ...(firstPartMs === null ? [] : [`first token after ${formatDuration(firstPartMs)}`]),
  ]
  return parts.join(' · ')
}

function tokensOf(usage: Usage | null): string {
  if (usage === null) return 'tokens unknown'
  const { estimated, inputTokens, outputTokens } = usage
  const about = estimated ? '~' : ''
  return `${about}${formatTokens(inputTokens)} in, ${about}${formatTokens(outputTokens)} out`
}
