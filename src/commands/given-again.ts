// What is said of an answer that was given again instead of asked anew.

import type { Cached } from '../protocol/schema/story.ts'
import { formatCost } from '../render/plain.ts'

/** `given again, as answered 2 h ago, $0.01 saved`; `when` is the time at which it was first given. */
export function givenAgain({ savedMicros }: Cached, when: string): string {
  // What was free, or of a price nobody knows, saved nothing that could be told.
  const saved = savedMicros === null || savedMicros === 0 ? '' : `, ${formatCost(savedMicros)} saved`
  return `given again, as answered ${when}${saved}`
}
