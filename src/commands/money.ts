// The month's money, as commands tell it.

import type { ResponseOf } from '../protocol/schema/operations.ts'
import { formatCost } from '../render/plain.ts'

type Spent = ResponseOf<'usage.summary'>['month']

/** As a share of the limit. */
const NEARLY = 0.8

interface Sum {
  /** Of what has a price. */
  readonly costMicros: number
  /** How many have none that is known. */
  readonly unpriced: number
}

/** `$0.01 + unknown`: an unknown price is never nothing. */
export function costOfAll({ costMicros, unpriced }: Sum): string {
  if (unpriced === 0) return formatCost(costMicros)
  return costMicros === 0 ? formatCost(null) : `${formatCost(costMicros)} + ${formatCost(null)}`
}

/** `$8.12 of $10.00 spent (81 %: nearly all of it)`. */
export function moneyOf({ spentMicros, reservedMicros, limitMicros }: Spent): string {
  const limit = limitMicros === null ? '' : ` of ${formatCost(limitMicros)}`
  const reserved = reservedMicros === 0 ? '' : `, ${formatCost(reservedMicros)} reserved for answers that run`
  return `${formatCost(spentMicros)}${limit} spent${shareOf(spentMicros, limitMicros)}${reserved}`
}

function shareOf(spent: number, limit: number | null): string {
  if (limit === null || limit === 0) return ''
  const share = spent / limit
  const warning = share >= 1 ? ': all of it' : share >= NEARLY ? ': nearly all of it' : ''
  return ` (${Math.floor(100 * share)} %${warning})`
}
