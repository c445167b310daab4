// The small schemas that all others are made of.

import { ERROR_CODES } from '../errors.ts'

export const conversationIdSchema = { type: 'string', format: 'conversation-id' } as const
export const messageIdSchema = { type: 'string', format: 'message-id' } as const
export const turnIdSchema = { type: 'string', format: 'turn-id' } as const

/** Milliseconds since 1970-01-01 UTC. */
export const timeSchema = { type: 'integer', minimum: 0 } as const
export const countSchema = { type: 'integer', minimum: 0 } as const
export const nullableString = { type: ['string', 'null'] } as const
/** Millionths of a US dollar; null where the price is unknown, never zero for that. */
export const microDollarsSchema = { type: ['integer', 'null'] } as const

export const errorSchema = {
  type: 'object',
  properties: {
    code: { enum: ERROR_CODES },
    message: { type: 'string' },
    hint: nullableString,
    /** How long the other side asked to wait; known while the turn is in memory. */
    retryAfterMs: { type: 'number', minimum: 0 },
  },
  required: ['code', 'message', 'hint'],
  additionalProperties: false,
} as const

export const usageSchema = {
  type: 'object',
  properties: {
    inputTokens: countSchema,
    outputTokens: countSchema,
    cachedInputTokens: countSchema,
    cacheWriteTokens: countSchema,
    reasoningTokens: countSchema,
    estimated: { type: 'boolean' },
  },
  required: ['inputTokens', 'outputTokens', 'cachedInputTokens', 'cacheWriteTokens', 'reasoningTokens', 'estimated'],
  additionalProperties: false,
} as const

export const finishSchema = {
  type: 'object',
  properties: {
    reason: { enum: ['stop', 'length', 'content-filter', 'tool-calls', 'other'] },
    raw: nullableString,
  },
  required: ['reason', 'raw'],
  additionalProperties: false,
} as const

export const partSchema = {
  oneOf: [
    {
      type: 'object',
      properties: { type: { enum: ['text', 'reasoning'] }, text: { type: 'string' } },
      required: ['type', 'text'],
      additionalProperties: false,
    },
    {
      /** A call that the model wants made; `text` is its arguments, as JSON. */
      type: 'object',
      properties: {
        type: { const: 'tool-call' },
        callId: { type: 'string' },
        name: { type: 'string' },
        text: { type: 'string' },
      },
      required: ['type', 'callId', 'name', 'text'],
      additionalProperties: false,
    },
  ],
} as const

/** Who asked: it sets the priority. */
export const originSchema = { enum: ['tui', 'oneshot', 'script', 'phone', 'api'] } as const

/** Why a turn waits, and how long. */
export const waitSchema = {
  type: 'object',
  properties: {
    /** `concurrency`, `requests`, `tokens`: our limits; `provider`: it asked us to wait; `retry`: a call failed. */
    reason: { enum: ['conversation', 'concurrency', 'requests', 'tokens', 'provider', 'retry'] },
    /** So many have to go before it can; null where there is no queue. */
    position: { type: ['integer', 'null'] },
    /** When it will go on, where that is known. */
    until: { type: ['integer', 'null'] },
  },
  required: ['reason', 'position', 'until'],
  additionalProperties: false,
} as const

/** `never`: nobody; `ask`: one of the chain, if the user says so; `auto`: the next of the chain. */
export const fallbackSchema = { enum: ['never', 'ask', 'auto'] } as const

export const outcomeSchema = {
  oneOf: [
    {
      type: 'object',
      properties: { type: { const: 'completed' } },
      required: ['type'],
      additionalProperties: false,
    },
    {
      type: 'object',
      properties: { type: { const: 'cancelled' } },
      required: ['type'],
      additionalProperties: false,
    },
    {
      type: 'object',
      properties: { type: { const: 'failed' }, error: errorSchema },
      required: ['type', 'error'],
      additionalProperties: false,
    },
  ],
} as const

/** What shapes an answer, by one name for all providers; a provider that knows other settings takes them under `extra`. */
export const parametersSchema = {
  type: 'object',
  properties: {
    temperature: { type: 'number', minimum: 0, maximum: 2 },
    topP: { type: 'number', minimum: 0, maximum: 1 },
    maxOutputTokens: { type: 'integer', minimum: 1 },
    stop: { type: 'array', items: { type: 'string' }, maxItems: 16 },
    seed: { type: 'integer' },
    reasoningEffort: { enum: ['none', 'minimal', 'low', 'medium', 'high', 'max'] },
    extra: { type: 'object' },
  },
  additionalProperties: false,
} as const
