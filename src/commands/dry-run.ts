// Tokens and cost of a prompt that is not sent.

import type { RequestOf, ResponseOf } from '../protocol/schema/operations.ts'
import { formatCost, formatTokens } from '../render/plain.ts'
import { type AskOptions, formatOf } from './ask-options.ts'
import type { CommandContext } from './context.ts'
import { isLastResort, noteOwnDoor } from './own-door.ts'
import { count, writeFacts } from './print.ts'

type Estimate = ResponseOf<'turns.estimate'>

export async function showEstimate(
  context: CommandContext,
  request: RequestOf<'turns.start'>,
  options: AskOptions,
): Promise<void> {
  const { client, stdout } = context
  const estimate = await client.call('turns.estimate', request)
  if (estimate.notice !== null) context.note(estimate.notice)
  if (isLastResort(estimate)) noteOwnDoor(context)
  if (formatOf(options) !== 'text') {
    stdout.write(`${JSON.stringify(estimate)}\n`)
    return
  }
  const { contextTokens, inputTokens, maxOutputTokens, refusal } = estimate
  const most = maxOutputTokens === null ? null : formatTokens(maxOutputTokens)
  const share = contextTokens === null ? null : ((100 * inputTokens) / contextTokens).toFixed(1)
  writeFacts(context, [
    ['model', estimate.model],
    ['input', inputOf(estimate)],
    ...(estimate.leftOutMessages === 0 ? [] : [leftOut(estimate.leftOutMessages)]),
    ['output', most === null ? 'unknown' : `at most ${most} tokens, ${formatCost(estimate.maxOutputCostMicros)}`],
    ['likely', likelyOf(estimate)],
    ['context', contextTokens === null ? 'unknown' : `${share} % of ${formatTokens(contextTokens)}`],
    ['prices', estimate.priceDate ?? 'unknown'],
    ...(refusal === null ? [] : [['refused', refusal.message] as const]),
  ])
}

function inputOf({ estimated, inputTokens, inputCostMicros, sentMessages }: Estimate): string {
  const about = estimated ? '~' : ''
  const tokens = `${about}${formatTokens(inputTokens)} tokens, ${formatCost(inputCostMicros)}`
  return sentMessages === 1 ? tokens : `${tokens}, of ${count(sentMessages, 'message')}`
}

function leftOut(messages: number): readonly [name: string, value: string] {
  return ['left out', `the oldest ${count(messages, 'message')}`]
}

/** What the budget is asked for. */
function likelyOf({ likelyOutputTokens, likelyCostMicros }: Estimate): string {
  return `${formatCost(likelyCostMicros)}, with an answer of ${formatTokens(likelyOutputTokens)} tokens`
}
