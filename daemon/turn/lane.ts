// The lane of a target: whose limits a call of it counts against.

import { createHash } from 'node:crypto'
import type { Priority } from '../limits/fair-queue.ts'
import type { Lane } from '../limits/limiter.ts'
import type { Origin } from '../store/store.ts'
import type { Target } from './target.ts'

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

/** Tells keys apart, and gives none away. */
function fingerprint(key: string): string {
  const known = fingerprints.get(key)
  if (known !== undefined) return known
  if (fingerprints.size >= FINGERPRINTS_MAX) fingerprints.clear()
  const made = createHash('sha256').update(key).digest('hex').slice(0, 12)
  fingerprints.set(key, made)
  return made
}
