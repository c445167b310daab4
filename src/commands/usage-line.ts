// What an answer took, in one line for stderr.

import type { TurnResult } from '../client/follow-turn.ts'
import type { Usage } from '../protocol/stream.ts'
import { formatCost, formatDuration, formatTokens } from '../render/plain.ts'
import { sanitizeLine } from '../render/sanitize.ts'

export function usageLine({ model, reply, costMicros, firstPartMs, outcome }: TurnResult): string {
  const { usage } = reply
  // Only an answer that was given before is complete without any use.
  const isAgain = usage === null && outcome.type === 'completed'
  const parts = [
    sanitizeLine(model),
    usage === null ? (isAgain ? 'given again' : 'tokens unknown') : tokensOf(usage),
    ...(usage !== null && usage.reasoningTokens > 0 ? [`${formatTokens(usage.reasoningTokens)} of it reasoning`] : []),
    ...(usage !== null && usage.cachedInputTokens > 0 ? [`${formatTokens(usage.cachedInputTokens)} from cache`] : []),
    `cost ${isAgain ? 'nothing' : formatCost(costMicros)}`,
    ...(firstPartMs === null ? [] : [`first token after ${formatDuration(firstPartMs)}`]),
  ]
  return parts.join(' · ')
}

function tokensOf({ estimated, inputTokens, outputTokens }: Usage): string {
  const about = estimated ? '~' : ''
  return `${about}${formatTokens(inputTokens)} in, ${about}${formatTokens(outputTokens)} out`
}
