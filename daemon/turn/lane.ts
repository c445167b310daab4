// The lane of a target: whose limits a call of it counts against.

import { createHash } from 'node:crypto'
import type { Priority } from '../limits/fair-queue.ts'
import type { Lane } from '../limits/limiter.ts'
import type { Origin } from '../store/store.ts'
import type { TurnPlan } from './running-turn.ts'
import type { Target } from './target.ts'

type Asking = Pick<TurnPlan, 'deviceId' | 'origin' | 'log' | 'conversationId'>

const fingerprints = new Map<string, string>()
const FINGERPRINTS_MAX = 100

export function laneOf({ endpoint, modelId }: Pick<Target, 'endpoint' | 'modelId'>): Lane {
  const key = endpoint.apiKey === null ? null : fingerprint(endpoint.apiKey)
  return { provider: endpoint.provider, key, model: modelId }
}

export function priorityOf(origin: Origin): Priority {
  switch (origin) {
    case 'tui':
    case 'oneshot':
      return 'interactive'
    case 'phone':
      return 'phone'
    case 'script':
    case 'api':
      return 'batch'
  }
}

/**
 * Who takes turns with others of its priority: a device by itself, however many conversations it opens, and all that the
 * owner's API clients keep nowhere together; else each conversation. A script on the socket is one of its own.
 */
export function lineOf({ deviceId, origin, log, conversationId }: Asking): string {
  if (deviceId !== null) return deviceId
  return origin === 'api' && !log ? origin : conversationId
}

/** Tells keys apart, and gives none away. */
function fingerprint(key: string): string {
  const known = fingerprints.get(key)
  if (known !== undefined) return known
  if (fingerprints.size >= FINGERPRINTS_MAX) fingerprints.clear()
  const made = createHash('sha256').update(key).digest('hex').slice(0, 12)
  fingerprints.set(key, made)
  return made
}
