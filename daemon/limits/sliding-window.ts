// How much was used within the last minute, exactly enough: in slots, so that it costs the same however much was used.

/** What is taken stands in a slot, and can be corrected there until the window has passed it. */
export interface Taken {
  readonly slot: number
  readonly amount: number
}

export interface SlidingWindow {
  /** What the window that ends at `now` holds. */
  used(now: number): number
  take(now: number, amount: number): Taken
  /** Corrects what was taken to what it really was. */
  correct(now: number, taken: Taken, amount: number): void
  /** When `amount` will fit under `limit` if nothing else is taken: `now` where it does already. */
  roomAt(now: number, amount: number, limit: number): number
}

const SLOTS = 300

/** Times in milliseconds. A slot leaves only as a whole, so at most one part in 300 of the window is given away. */
export function createSlidingWindow(windowMs: number): SlidingWindow {
  const slotMs = windowMs / SLOTS
  // One more than the window holds: the newest slot is not over yet.
  const length = SLOTS + 1
  const amounts = new Float64Array(length)
  let newest = 0
  let sum = 0
  return { used, take, correct, roomAt }

  function used(now: number): number {
    advance(now)
    return sum
  }

  function take(now: number, amount: number): Taken {
    advance(now)
    add(newest, amount)
    return { slot: newest, amount }
  }

  function correct(now: number, taken: Taken, amount: number): void {
    advance(now)
    if (taken.slot > newest - length) add(taken.slot, amount - taken.amount)
  }

  function roomAt(now: number, amount: number, limit: number): number {
    advance(now)
    let excess = sum + amount - limit
    if (excess <= 0) return now
    for (let slot = newest - length + 1; slot <= newest; slot += 1) {
      excess -= amounts[indexOf(slot)] ?? 0
      if (excess <= 0) return (slot + length) * slotMs
    }
    return Number.POSITIVE_INFINITY
  }

  function add(slot: number, amount: number): void {
    const index = indexOf(slot)
    amounts[index] = (amounts[index] ?? 0) + amount
    sum += amount
  }

  function advance(now: number): void {
    const current = Math.floor(now / slotMs)
    if (current <= newest) return
    if (current - newest >= length) {
      amounts.fill(0)
      sum = 0
      newest = current
      return
    }
    while (newest < current) {
      newest += 1
      const index = indexOf(newest)
      sum -= amounts[index] ?? 0
      amounts[index] = 0
    }
  }

  function indexOf(slot: number): number {
    return ((slot % length) + length) % length
  }
}
