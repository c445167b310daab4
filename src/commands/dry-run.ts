// Tokens and cost of a prompt that is not sent.

import type { RequestOf } from '../protocol/schema/operations.ts'
import { formatCost, formatTokens } from '../render/plain.ts'
import { type AskOptions, formatOf } from './ask-options.ts'
import type { CommandContext } from './context.ts'
import { writeFacts } from './print.ts'

export async function showEstimate(
  context: CommandContext,
  request: RequestOf<'turns.start'>,
  options: AskOptions,
): Promise<void> {
  const { client, stdout } = context
  const estimate = await client.call('turns.estimate', request)
  if (formatOf(options) !== 'text') {
    stdout.write(`${JSON.stringify(estimate)}\n`)
    return
  }
  const about = estimate.estimated ? '~' : ''
  const { contextTokens, inputTokens, maxOutputTokens } = estimate
  const most = maxOutputTokens === null ? null : formatTokens(maxOutputTokens)
  const share = contextTokens === null ? null : ((100 * inputTokens) / contextTokens).toFixed(1)
  writeFacts(context, [
    ['model', estimate.model],
    ['input', `${about}${formatTokens(inputTokens)} tokens, ${formatCost(estimate.inputCostMicros)}`],
    ['output', most === null ? 'unknown' : `at most ${most} tokens, ${formatCost(estimate.maxOutputCostMicros)}`],
    ['context', contextTokens === null ? 'unknown' : `${share} % of ${formatTokens(contextTokens)}`],
    ['prices', estimate.priceDate ?? 'unknown'],
  ])
}
