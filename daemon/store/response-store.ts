// Kept answers, as the rest of the daemon knows them.

import type { ReplyState } from '../../src/protocol/stream.ts'

/** A whole answer, kept for whoever asks the same again. */
export interface CachedResponse {
  /** A hash of the caller and all that was asked. */
  readonly key: string
  readonly reply: ReplyState
  /** What it cost when it was made; null: unknown. */
  readonly costMicros: number | null
  readonly createdAt: number
}

export interface ResponseStore {
  /** Null where there is none made since `notBefore`. */
  get(key: string, notBefore: number): Promise<CachedResponse | null>
  /** The oldest go until all together are no more than `maxBytes`. */
  put(response: CachedResponse, maxBytes: number): Promise<void>
}
