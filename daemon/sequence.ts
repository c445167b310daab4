// Sequence numbers, given at once out of blocks that the store has reserved.

import type { Store } from './store/store.ts'

/** Enough for hours of streaming; what a killed daemon leaves of it is never given. */
const BLOCK = 1_000_000

/** Never gives a number twice, restarts included. */
export async function createSequence(store: Pick<Store, 'reserveSequence'>): Promise<() => number> {
  let next = await store.reserveSequence(BLOCK)
  let end = next + BLOCK
  let ahead: Promise<number> | null = null
  let following: number | null = null
  return () => {
    if (end - next < BLOCK / 2 && ahead === null) {
      ahead = store.reserveSequence(BLOCK)
      ahead.then(
        (first) => {
          following = first
        },
        () => {
          // The store says so elsewhere; half a block is left, and the next number asks again.
          ahead = null
        },
      )
    }
    if (next === end) {
      if (following === null) throw new RangeError('No sequence numbers are left: the store cannot be written')
      next = following
      end = next + BLOCK
      following = null
      ahead = null
    }
    const seq = next
    next += 1
    return seq
  }
}
