// Why a turn waits, in words.

import type { Turn } from '../protocol/schema/entities.ts'
import { formatDuration } from './plain.ts'

export type Wait = NonNullable<Turn['wait']>

const REASONS: { readonly [Reason in Wait['reason']]: string } = {
  conversation: 'waits for the answer before it',
  concurrency: 'waits for a free place',
  requests: 'waits for the limit of requests',
  tokens: 'waits for the limit of tokens',
  provider: 'waits as the provider asks',
  retry: 'will ask again',
}

/** `waits for the limit of requests, 3rd in line, about 12 s`. */
export function describeWait({ reason, position, until }: Wait, now: number): string {
  const left = until === null ? null : until - now
  return [
    REASONS[reason],
    ...(position === null || position < 2 ? [] : [`${ordinal(position)} in line`]),
    ...(left === null || left <= 0
      ? []
      : [reason === 'retry' ? `in ${formatDuration(left)}` : `about ${formatDuration(left)}`]),
  ].join(', ')
}

function ordinal(number: number): string {
  const tens = number % 100
  if (tens >= 11 && tens <= 13) return `${number}th`
  return `${number}${['th', 'st', 'nd', 'rd'][number % 10] ?? 'th'}`
}
