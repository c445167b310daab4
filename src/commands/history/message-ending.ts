// Why a message of history is not a whole answer, in words that need not be safe yet.

import type { Message } from '../../protocol/schema/entities.ts'
import { describeEnding } from '../ending.ts'

/** Null where it is a whole answer, or a question. */
export function messageEnding({ role, parts, outcome, finish }: Message): string | null {
  if (role === 'user') return null
  if (outcome === null) return 'still being written'
  switch (outcome.type) {
    case 'completed':
      // Its subject is the message itself, which stands above.
      return describeEnding({ parts, finish })?.replace(/^(was|is) /, '') ?? null
    case 'cancelled':
      return 'stopped'
    case 'failed':
      return `failed: ${outcome.error.message}`
  }
}
