// What is said of a budget that is nearly spent, once a turn has ended that was paid from it.

import { dollars } from '../limits/budget.ts'
import type { Rooms } from './rooms.ts'
import type { RunningTurn } from './running-turn.ts'

/** From there on it is said with every turn, as a share. */
const NEARLY = 0.8

export function budgetNotes(
  { limits }: Pick<Rooms, 'limits'>,
  { plan, charge }: Pick<RunningTurn, 'plan' | 'charge'>,
): readonly string[] {
  if (charge === null) return []
  const owners = plan.deviceId === null ? [null] : [null, plan.deviceId]
  return owners.flatMap((owner) => {
    const { spentMicros, reservedMicros, limitMicros } = limits.spending.spent(owner)
    // A device of no budget could ask nothing; this one was revoked meanwhile.
    if (owner !== null && limitMicros === 0) return []
    if (limitMicros === null || spentMicros + reservedMicros < NEARLY * limitMicros) return []
    const share = limitMicros === 0 ? '' : `, ${Math.floor((100 * spentMicros) / limitMicros)} %`
    const whose = owner === null ? 'the monthly budget' : 'the monthly budget of this device'
    return [
      `${whose} is ${howFar(spentMicros, limitMicros)}: ${dollars(spentMicros)} of ${dollars(limitMicros)}${share}`,
    ]
  })
}

function howFar(spent: number, limit: number): string {
  if (spent > limit) return 'overspent'
  return spent === limit ? 'spent' : 'nearly spent'
}
