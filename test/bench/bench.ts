// What every bench is: a name, a run, and what comes out of it.

/** Rows of a printed table; the first row names the columns. */
export interface Table {
  readonly title: string
  readonly rows: readonly (readonly string[])[]
}

/** A promise of the project, and whether this run kept it. */
export interface Target {
  readonly name: string
  readonly value: number
  readonly limit: number
  /** `max`: the value must not be above the limit; `min`: not below. */
  readonly kind: 'max' | 'min'
  readonly unit: string
}

export interface BenchResult {
  readonly tables: readonly Table[]
  readonly targets: readonly Target[]
  /** All figures, for the JSON. */
  readonly figures: unknown
}

export interface BenchOptions {
  /** Few and short rounds: figures to see that it works, not to quote. */
  readonly quick: boolean
  /** Says what is going on, on stderr. */
  readonly note: (text: string) => void
}

export interface Bench {
  readonly name: string
  readonly summary: string
  run(options: BenchOptions): Promise<BenchResult>
}

export function isMet({ value, limit, kind }: Target): boolean {
  return kind === 'max' ? value <= limit : value >= limit
}
