// Medians and spreads: on a shared machine a mean says little.

export interface Summary {
  readonly median: number
  /** The middle half lies between these two. */
  readonly low: number
  readonly high: number
  readonly count: number
}

/** By linear interpolation between the closest ranks; NaN of nothing. */
export function percentile(values: readonly number[], fraction: number): number {
  const sorted = values.toSorted((a, b) => a - b)
  const position = (sorted.length - 1) * fraction
  const below = sorted[Math.floor(position)] ?? Number.NaN
  const above = sorted[Math.ceil(position)] ?? Number.NaN
  return below + (above - below) * (position - Math.floor(position))
}

export function median(values: readonly number[]): number {
  return percentile(values, 0.5)
}

export function summarize(values: readonly number[]): Summary {
  return {
    median: median(values),
    low: percentile(values, 0.25),
    high: percentile(values, 0.75),
    count: values.length,
  }
}

/** `12.3 (11.9–13.0)` */
export function showSummary(values: readonly number[], digits = 1): string {
  const { median, low, high } = summarize(values)
  return `${median.toFixed(digits)} (${low.toFixed(digits)}–${high.toFixed(digits)})`
}

/** Of values measured in the same rounds: the noise of a round is in both. */
export function pairedRatios(values: readonly number[], bases: readonly number[]): readonly number[] {
  return values.map((value, index) => value / (bases[index] ?? Number.NaN))
}

export function pairedDifferences(values: readonly number[], bases: readonly number[]): readonly number[] {
  return values.map((value, index) => value - (bases[index] ?? Number.NaN))
}
