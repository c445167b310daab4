// What calls cost, as the rest of the daemon knows it.

import type { DeviceId } from '../../src/protocol/ids.ts'

export interface UsageQuery {
  readonly by: 'day' | 'model' | 'device' | 'conversation'
  /** From there on … */
  readonly since: number
  /** … and before that. */
  readonly until: number
  readonly limit: number
}

export interface UsageRow {
  /** A day as `YYYY-MM-DD`, a model, an id; empty: the owner, or a conversation that was deleted. */
  readonly key: string
  /** Of a conversation, or the name of a device. */
  readonly title: string | null
  readonly calls: number
  readonly inputTokens: number
  /** Part of the input. */
  readonly cachedInputTokens: number
  readonly outputTokens: number
  /** Millionths of a dollar, of the calls whose price is known. */
  readonly costMicros: number
  /** Calls that used tokens of a price nobody knows. */
  readonly unpricedCalls: number
}

export interface UsageStore {
  /** Millionths of a dollar of all calls since then: by device, and by `null` all together. */
  spentSince(at: number): Promise<ReadonlyMap<DeviceId | null, number>>
  /** Sums of the ledger, beside the main thread. */
  report(query: UsageQuery): Promise<readonly UsageRow[]>
}
