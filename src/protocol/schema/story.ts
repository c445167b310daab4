// Why a turn went as it did: what was sent, what it waited for, who was asked.

import type { Infer } from './infer.ts'
import { countSchema, errorSchema, nullableString, timeSchema } from './scalars.ts'
import { list, object } from './shapes.ts'

/** One call of one provider. */
export const attemptSchema = object({
  number: { type: 'integer', minimum: 1 },
  model: { type: 'string' },
  startedAt: timeSchema,
  /** From that call to its first part, in milliseconds. */
  firstPartMs: { type: ['integer', 'null'] },
  endedAt: timeSchema,
  error: { anyOf: [errorSchema, { type: 'null' }] },
  /** The vendor's own, to quote to its support. */
  requestId: nullableString,
} as const)

/** An answer that was given again instead of asked anew. */
export const cachedSchema = object({
  /** When it was first given. */
  createdAt: timeSchema,
  /** What it cost then; null: unknown. */
  savedMicros: { type: ['integer', 'null'] },
} as const)
export type Cached = Infer<typeof cachedSchema>

export const storySchema = object({
  /** For its turn among others, in milliseconds. */
  waitedMs: countSchema,
  /** Of the conversation; null where nobody was asked. */
  context: {
    anyOf: [
      object({
        sentMessages: countSchema,
        /** The oldest, which did not fit. */
        leftOutMessages: countSchema,
        /** As we count them. */
        sentTokens: countSchema,
        windowTokens: { type: ['integer', 'null'] },
      } as const),
      { type: 'null' },
    ],
  },
  /** Of what was left out, as it was sent; null: there was none; absent of turns of older versions. */
  summary: {
    anyOf: [
      object({
        text: { type: 'string' },
        /** That made it. */
        model: { type: 'string' },
        /** How many of the oldest messages it stands for. */
        messages: countSchema,
      } as const),
      { type: 'null' },
    ],
  },
  /** Null: it was asked. */
  cached: { anyOf: [cachedSchema, { type: 'null' }] },
  fallback: { enum: ['never', 'ask', 'auto'] },
  /** Whatever else the user should know. */
  notes: list({ type: 'string' } as const),
} as const)
export type Story = Infer<typeof storySchema>
