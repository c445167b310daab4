// What natterd did and how it stands, as Prometheus reads it.

import type { ErrorCode } from '../../src/protocol/errors.ts'
import type { Turn } from '../../src/protocol/schema/entities.ts'
import type { ResponseOf } from '../../src/protocol/schema/operations.ts'
import type { Usage } from '../../src/protocol/stream.ts'
import type { MetricsReader } from './reader.ts'

export interface Metrics {
  /** Costs next to nothing: the facts are put aside until somebody asks. */
  turnEnded(facts: TurnFacts): void
  /** All metrics of this process, in the text format of Prometheus. */
  text(state: GatewayState): Promise<string>
}

/** What is known of a turn, or of a call outside of conversations, once it has ended. Times in milliseconds. */
export interface TurnFacts {
  /** OpenTelemetry's word for what was asked. */
  readonly operation: 'chat' | 'embeddings' | 'generate_content'
  /** A call that a turn makes besides its own: it counts as no turn. */
  readonly within?: true
  readonly origin: Turn['origin']
  /** The one that answered, `provider/model`. */
  readonly model: string
  readonly outcome: 'completed' | 'cancelled' | 'failed'
  /** Null where nobody was asked, or nobody said. */
  readonly usage: Usage | null
  /** Millionths of a dollar; null: unknown. */
  readonly costMicros: number | null
  /** Set where an answer was given again. */
  readonly cached: { readonly savedMicros: number | null } | null
  /** For its turn among others. */
  readonly waitedMs: number
  /** From its start to its end. */
  readonly totalMs: number
  readonly attempts: readonly AttemptFacts[]
}

export interface AttemptFacts {
  /** `provider/model`. */
  readonly model: string
  readonly totalMs: number
  /** Null: nothing came. */
  readonly firstPartMs: number | null
  /** Null: it was answered. */
  readonly error: ErrorCode | 'cancelled' | null
}

/** How things stand at the moment. */
export interface GatewayState {
  readonly version: string
  readonly build: string
  readonly limits: ResponseOf<'limits.status'>
  readonly activeTurns: number
  readonly subscribers: number
  readonly storage: 'ok' | 'full' | 'suspect'
}

/** Facts that wait for the first reader; a process that nobody reads never loads what counts them (15 ms, 3 MB). */
const WAITING_MAX = 1_000
/** Counted without a pause, so that no stream waits for it. */
const SLICE = 250

export function createMetrics(): Metrics {
  let waiting: TurnFacts[] = []
  let loading: Promise<MetricsReader> | null = null
  let loaded: MetricsReader | null = null
  return {
    turnEnded(facts) {
      if (loaded !== null) return loaded.count(facts)
      waiting.push(facts)
      if (waiting.length >= WAITING_MAX) void load()
    },
    async text(state) {
      const reader = await load()
      return reader.text(state)
    },
  }

  function load(): Promise<MetricsReader> {
    loading ??= import('./reader.ts').then(async ({ createMetricsReader }) => {
      const reader = createMetricsReader()
      while (waiting.length > 0) {
        const facts = waiting
        waiting = []
        await countAll(reader, facts)
      }
      loaded = reader
      return reader
    })
    return loading
  }
}

async function countAll(reader: MetricsReader, facts: readonly TurnFacts[]): Promise<void> {
  for (let start = 0; start < facts.length; start += SLICE) {
    for (const turn of facts.slice(start, start + SLICE)) reader.count(turn)
    await new Promise((resolve) => setImmediate(resolve))
  }
}
