// Money that may be spent in a month: reserved before a call by what it is likely to cost, settled by what it did.

import { NatterError } from '../../src/protocol/errors.ts'
import type { DeviceId } from '../../src/protocol/ids.ts'

/** Millionths of a dollar. */
export type Micros = number

export interface Spending {
  /** Reserves what a call may cost; throws `over-budget` where that is more than is left. Null: its price is unknown. */
  reserve(costMicros: Micros | null, account: Account): Charge
  /** What `reserve` would throw for it now; null: nothing. */
  refusal(costMicros: Micros | null, account: Account): NatterError | null
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
  /** It has cost so much by now, more than was likely, and reserves it; answers why it may not go on, null: it may. */
  grow(costMicros: Micros): NatterError | null
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
      const refused = refusal(costMicros, account)
      if (refused !== null) throw refused
      const cost = costMicros ?? 0
      const taken = ownersOf(account).map(purseOf)
      for (const purse of taken) purse.reserved += cost
      return createCharge(taken, cost, () => overspent(account))
    },
    refusal,
    spent(deviceId) {
      const { spent, reserved } = purseOf(deviceId)
      return { spentMicros: spent, reservedMicros: reserved, limitMicros: limitOf(deviceId) }
    },
  }

  function refusal(costMicros: Micros | null, account: Account): NatterError | null {
    if (account.override) return null
    for (const owner of ownersOf(account)) {
      const left = { ...purseOf(owner), limit: limitOf(owner) }
      if (!isEnough(left, costMicros)) return tooDear(owner, left, costMicros)
    }
    return null
  }

  function overspent(account: Account): NatterError | null {
    if (account.override) return null
    for (const owner of ownersOf(account)) {
      const limit = limitOf(owner)
      const { spent, reserved } = purseOf(owner)
      if (limit !== null && spent + reserved > limit) return usedUp(owner, limit)
    }
    return null
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

/** A device spends of its own budget and of that of all. */
function ownersOf({ deviceId }: Account): readonly (DeviceId | null)[] {
  return deviceId === null ? [null] : [null, deviceId]
}

interface Left extends Purse {
  readonly limit: Micros | null
}

/** What is known to cost nothing may be asked for whatever is left, but of a budget of nothing. */
function isEnough({ spent, reserved, limit }: Left, cost: Micros | null): boolean {
  if (limit === null || (cost === 0 && limit > 0)) return true
  return spent + reserved + (cost ?? 0) <= limit && spent + reserved < limit
}

function tooDear(owner: DeviceId | null, { spent, reserved, limit }: Left, cost: Micros | null): NatterError {
  const whose = nameOf(owner)
  const running = reserved > 0 ? ` and ${dollars(reserved)} reserved for answers that run` : ''
  const price = cost === null ? 'nobody knows what this costs' : `this may cost ${dollars(cost)}`
  return new NatterError(
    'over-budget',
    `Cannot send: ${whose} is ${dollars(limit ?? 0)}, ${dollars(spent)} of it spent${running}, and ${price}`,
    { hint: hintOf(owner) },
  )
}

/** Of an answer that runs: what came until then is kept. */
function usedUp(owner: DeviceId | null, limit: Micros): NatterError {
  return new NatterError(
    'over-budget',
    `Cannot finish the answer: it grew longer than was likely, and ${nameOf(owner)} of ${dollars(limit)} is used up`,
    { hint: hintOf(owner) },
  )
}

function nameOf(owner: DeviceId | null): string {
  return owner === null ? 'the monthly budget' : 'the monthly budget of this device'
}

function hintOf(owner: DeviceId | null): string {
  return owner === null
    ? 'Raise it with "natter config set budget.monthly", or go over it once with --over-budget'
    : 'Have it raised where natter runs, with "natter devices budget", or wait for the next month'
}

function createCharge(purses: readonly Purse[], estimate: Micros, overspent: () => NatterError | null): Charge {
  let isOpen = true
  let reserved = estimate
  return {
    grow(costMicros) {
      if (!isOpen || costMicros <= reserved) return null
      for (const purse of purses) purse.reserved += costMicros - reserved
      reserved = costMicros
      return overspent()
    },
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
  if (micros > 0 && micros < 100) return 'less than $0.0001'
  return `$${(micros / 1e6).toFixed(micros < 10_000 ? 4 : 2)}`
}

/** When the month of `time` began, where this machine is. */
export function monthStart(time: number): number {
  const date = new Date(time)
  return new Date(date.getFullYear(), date.getMonth(), 1).getTime()
}
