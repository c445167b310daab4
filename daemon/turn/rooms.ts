// The rooms that a turn needs; the composition root fills them in.

import type { ConversationId } from '../../src/protocol/ids.ts'
import type { StreamHub } from '../hub/hub.ts'
import type { KeyStore } from '../keys/keys.ts'
import type { LimitsRoom } from '../limits/limits.ts'
import type { Metrics } from '../metrics/metrics.ts'
import type { Catalogue, TokenCounter } from '../models/models.ts'
import type { Providers } from '../providers/registry.ts'
import type { Recent } from '../recent.ts'
import type { Settings } from '../settings-schema.ts'
import type { Store } from '../store/store.ts'
import type { Joining } from './joining.ts'

export interface Rooms {
  readonly store: Store
  readonly hub: StreamHub
  readonly providers: Providers
  readonly catalogue: Catalogue
  readonly tokens: TokenCounter
  readonly keys: KeyStore
  readonly limits: LimitsRoom
  /** Calls whose answer others may share. */
  readonly joining: Joining
  /** When a summary of that conversation last could not be made. */
  readonly summaryFailures: Recent<ConversationId, number>
  readonly metrics: Metrics
  /** From then on the log shows that key no more. */
  readonly hideKey: (key: string) => void
  /** As the file says now. */
  readonly settings: () => Settings
  readonly log: { warn(facts: object, message: string): void; info(facts: object, message: string): void }
  readonly now: () => number
}
