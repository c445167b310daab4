// Chance that can be had again: every random test prints its seed and takes it back from NATTER_TEST_SEED.

export interface Random {
  readonly seed: number
  /** In [0, 1). */
  next(): number
  /** A whole number from `low` to `high`, both included. */
  between(low: number, high: number): number
}

export function createRandom(seed = seedOf(process.env['NATTER_TEST_SEED'])): Random {
  let state = seed | 0
  return { seed, next, between: (low, high) => low + Math.floor(next() * (high - low + 1)) }

  /** mulberry32: small, seeded, even enough. */
  function next(): number {
    state = (state + 0x6d2b79f5) | 0
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state)
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296
  }
}

function seedOf(text: string | undefined): number {
  const given = Number(text)
  if (text !== undefined && Number.isSafeInteger(given)) return given
  return Math.floor(Math.random() * 2 ** 31)
}
