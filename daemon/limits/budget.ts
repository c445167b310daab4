// Money that may be spent in a month: reserved before a call by what it is likely to cost, settled by what it did.

import { NatterError } from '../../src/protocol/errors.ts'
import type { DeviceId } from '../../src/protocol/ids.ts'

/** Millionths of a dollar. */
export type Micros = number

export interface Spending {
  /** Reserves what a call may cost; throws `over-budget` where that is more than is left. Null: its price is unknown. */
  reserve(costMicros: Micros | null, account: Account): Charge
  /** What is spent and reserved this month, of all or of one device. */
  spent(deviceId: DeviceId | null): Spent
}

export interface Account {
  /** Null: the owner. */
  readonly deviceId: DeviceId | null
  /** Goes through whatever is left: the owner said so. */
  readonly override: boolean
}

export interface Charge {
  /** The call has ended; null: nobody knows what it cost, so the reservation stands. */
  settle(costMicros: Micros | null): void
}

export interface Spent {
  readonly spentMicros: Micros
  readonly reservedMicros: Micros
  /** Null: no limit. */
  readonly limitMicros: Micros | null
}

export interface SpendingOptions {
  /** Of the month that `now` lies in; a null device asks for all together. */
  readonly limitOf: (deviceId: DeviceId | null) => Micros | null
  /** What the ledger says was spent since the month began. */
  readonly ledger: (deviceId: DeviceId | null, month: string) => Micros
  readonly now: () => number
}

interface Purse {
  spent: Micros
  reserved: Micros
}

export function createSpending({ limitOf, ledger, now }: SpendingOptions): Spending {
  const purses = new Map<string, Purse>()
  let month = monthOf(now())
  return {
    reserve(costMicros, account) {
      const cost = costMicros ?? 0
      const owners = account.deviceId === null ? [null] : [null, account.deviceId]
      if (!account.override) for (const owner of owners) assertEnough(owner, cost)
      const taken = owners.map(purseOf)
      for (const purse of taken) purse.reserved += cost
      return createCharge(taken, cost)
    },
    spent(deviceId) {
      const { spent, reserved } = purseOf(deviceId)
      return { spentMicros: spent, reservedMicros: reserved, limitMicros: limitOf(deviceId) }
    },
  }

  function assertEnough(owner: DeviceId | null, cost: Micros): void {
    const limit = limitOf(owner)
    if (limit === null) return
    const { spent, reserved } = purseOf(owner)
    if (spent + reserved + cost <= limit && spent + reserved < limit) return
    const whose = owner === null ? 'the monthly budget' : 'the monthly budget of this device'
    throw new NatterError(
      'over-budget',
      `Cannot send: ${whose} is ${dollars(limit)}, ${dollars(spent)} of it spent${
        reserved > 0 ? ` and ${dollars(reserved)} reserved for answers that run` : ''
      }, and this may cost ${dollars(cost)}`,
      { hint: 'Raise it with "natter config set budget.monthly", or go over it once with --over-budget' },
    )
  }

  /** A charge of last month settles into last month's purse, which nobody asks for any more. */
  function purseOf(owner: DeviceId | null): Purse {
    const current = monthOf(now())
    if (current !== month) purses.clear()
    month = current
    const key = owner ?? ''
    const known = purses.get(key)
    if (known !== undefined) return known
    const purse: Purse = { spent: ledger(owner, current), reserved: 0 }
    purses.set(key, purse)
    return purse
  }
}

function createCharge(purses: readonly Purse[], reserved: Micros): Charge {
  let isOpen = true
  return {
    settle(costMicros) {
      if (!isOpen) return
      isOpen = false
      for (const purse of purses) {
        purse.reserved -= reserved
        purse.spent += costMicros ?? reserved
      }
    },
  }
}

/** `2026-11`, where this machine is. */
export function monthOf(time: number): string {
  const date = new Date(time)
  return `${date.getFullYear()}-${String(date.getMonth() + 1).padStart(2, '0')}`
}

export function dollars(micros: Micros): string {
  return `$${(micros / 1e6).toFixed(micros < 10_000 ? 4 : 2)}`
}

/** When the month of `time` began, where this machine is. */
export function monthStart(time: number): number {
  const date = new Date(time)
  return new Date(date.getFullYear(), date.getMonth(), 1).getTime()
}
