// Tokens and cost of a prompt that is not sent.

import type { RequestOf } from '../protocol/schema/operations.ts'
import { formatCost, formatTokens } from '../render/plain.ts'
import type { AskOptions } from './ask-options.ts'
import type { CommandContext } from './context.ts'

export async function showEstimate(
  { client, stdout }: CommandContext,
  request: RequestOf<'turns.start'>,
  options: AskOptions,
): Promise<void> {
  const estimate = await client.call('turns.estimate', request)
  if (options.json === true || options.outputFormat !== 'text') {
    stdout.write(`${JSON.stringify(estimate)}\n`)
    return
  }
  const about = estimate.estimated ? '~' : ''
  const { contextTokens, inputTokens, maxOutputTokens } = estimate
  const lines = [
    `model    ${estimate.model}`,
    `input    ${about}${formatTokens(inputTokens)} tokens, ${formatCost(estimate.inputCostMicros)}`,
    `output   ${maxOutputTokens === null ? 'unknown' : `at most ${formatTokens(maxOutputTokens)} tokens, ${formatCost(estimate.maxOutputCostMicros)}`}`,
    `context  ${contextTokens === null ? 'unknown' : `${((100 * inputTokens) / contextTokens).toFixed(1)} % of ${formatTokens(contextTokens)}`}`,
    `prices   ${estimate.priceDate ?? 'unknown'}`,
  ]
  stdout.write(`${lines.join('\n')}\n`)
}
