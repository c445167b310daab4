// What config.json may say.

import type { Infer } from '../src/protocol/schema/infer.ts'

const milliseconds = { type: 'integer', minimum: 1, maximum: 86_400_000 } as const
const price = { type: ['number', 'null'], minimum: 0 } as const

const timersSchema = {
  type: 'object',
  properties: {
    connectMs: milliseconds,
    firstByteMs: milliseconds,
    progressMs: milliseconds,
    totalMs: milliseconds,
  },
  additionalProperties: false,
} as const

const providerSchema = {
  type: 'object',
  properties: {
    format: { enum: ['openai-responses', 'openai-chat', 'anthropic', 'gemini'] },
    baseUrl: { type: 'string', pattern: '^https?://' },
    /** Never the key itself: `env:NAME` or `cmd:COMMAND`; `natter keys set` stores keys. */
    key: { type: 'string', pattern: '^(env|cmd):.' },
    headers: { type: 'object', additionalProperties: { type: 'string' } },
    /** A server on this machine or network: needs no key, may have to load a model first. */
    local: { type: 'boolean' },
    defaultModel: { type: 'string', minLength: 1 },
    timers: timersSchema,
  },
  additionalProperties: false,
} as const

const modelSchema = {
  type: 'object',
  properties: {
    contextTokens: { type: 'integer', minimum: 1 },
    outputTokens: { type: 'integer', minimum: 1 },
    /** US dollars per million tokens. */
    inputPrice: price,
    outputPrice: price,
    cachedInputPrice: price,
  },
  additionalProperties: false,
} as const

const SETTINGS_PROPERTIES = {
  model: { type: 'string', minLength: 1, maxLength: 300 },
  system: { type: 'string' },
  aliases: { type: 'object', additionalProperties: { type: 'string', minLength: 1 } },
  providers: { type: 'object', additionalProperties: providerSchema },
  models: { type: 'object', additionalProperties: modelSchema },
  timers: timersSchema,
  daemon: {
    type: 'object',
    properties: {
      /** 0: never. */
      idleExitMinutes: { type: 'integer', minimum: 0, maximum: 10_000 },
      drainSeconds: { type: 'integer', minimum: 0, maximum: 3_600 },
      logLevel: { enum: ['debug', 'info', 'warn', 'error'] },
    },
    additionalProperties: false,
  },
} as const

/** config.json; it may hold nothing else. */
export const settingsSchema = {
  type: 'object',
  properties: SETTINGS_PROPERTIES,
  additionalProperties: false,
} as const

export type Settings = Infer<typeof settingsSchema>
export type ProviderSettings = NonNullable<Settings['providers']>[string]
