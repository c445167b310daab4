// Operations on what calls cost.

import { BOUNDS } from '../bounds.ts'
import { deviceIdSchema } from './devices.ts'
import { countSchema, nullableString, timeSchema } from './scalars.ts'
import { list, none, object } from './shapes.ts'

const spentSchema = object({
  /** Millionths of a dollar, this calendar month. */
  spentMicros: countSchema,
  /** For answers that run. */
  reservedMicros: countSchema,
  /** Null: no limit. */
  limitMicros: { type: ['integer', 'null'] },
} as const)

const meterSchema = object({ used: countSchema, limit: { type: ['integer', 'null'] } } as const)

const row = {
  /** Of all that was asked, also what was refused or given again. */
  calls: countSchema,
  inputTokens: countSchema,
  /** Part of the input, from the provider's cache. */
  cachedInputTokens: countSchema,
  outputTokens: countSchema,
  /** Of the calls whose price is known. */
  costMicros: countSchema,
  /** Calls that used tokens of a price nobody knows. */
  unpricedCalls: countSchema,
} as const

export const USAGE_OPERATIONS = {
  'usage.summary': {
    summary: 'What calls used and cost, by day, model, device or conversation',
    request: {
      type: 'object',
      properties: {
        by: { enum: ['day', 'model', 'device', 'conversation'] },
        /** Absent: 30 days ago. */
        since: timeSchema,
        /** Exclusive; absent: now. */
        until: timeSchema,
        limit: { type: 'integer', minimum: 1, maximum: BOUNDS.pageSize },
      },
      required: ['by'],
      additionalProperties: false,
    },
    response: object({
      rows: list(
        object({
          /** A day as `YYYY-MM-DD`, a model, an id; empty: the owner, or a conversation that was deleted. */
          key: { type: 'string' },
          /** Of a conversation, or the name of a device. */
          title: nullableString,
          ...row,
        } as const),
      ),
      month: spentSchema,
    } as const),
  },
  'limits.status': {
    summary: 'What may still be asked of whom, who waits, and who is left alone',
    request: none,
    response: object({
      lanes: list(
        object({
          provider: { type: 'string' },
          model: { type: 'string' },
          /** A fingerprint, so that two keys can be told apart. */
          key: nullableString,
          running: countSchema,
          waiting: countSchema,
          concurrent: countSchema,
          /** Of the last minute; a limit of null is not known. */
          requests: meterSchema,
          tokens: meterSchema,
          /** For how long the provider asked us to wait. */
          blockedMs: countSchema,
        } as const),
      ),
      breakers: list(
        object({
          provider: { type: 'string' },
          state: { enum: ['closed', 'open', 'half-open'] },
          /** Until one call may try; null: now. */
          retryMs: { type: ['integer', 'null'] },
        } as const),
      ),
      month: spentSchema,
      /** Those that have a budget of their own. */
      devices: list(object({ deviceId: deviceIdSchema, name: { type: 'string' }, month: spentSchema } as const)),
    } as const),
  },
} as const
