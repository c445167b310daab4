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

const limit = { type: 'integer', minimum: 1 } as const
const limitsSchema = {
  type: 'object',
  properties: {
    preset: { enum: ['openai-3500', 'anthropic-tier-1'] },
    requestsPerMinute: limit,
    tokensPerMinute: limit,
    inputTokensPerMinute: limit,
    outputTokensPerMinute: limit,
    concurrent: limit,
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
  /** By provider or by `provider/model`. */
  limits: { type: 'object', additionalProperties: limitsSchema },
  fallback: {
    type: 'object',
    properties: {
      policy: { enum: ['never', 'ask', 'auto'] },
      /** Asked in this order when a model cannot be had. */
      models: { type: 'array', items: { type: 'string', minLength: 1 }, maxItems: 10 },
    },
    additionalProperties: false,
  },
  /** What becomes of the beginning of a conversation that does not fit its model. */
  context: {
    type: 'object',
    properties: {
      /** `on`: a summary of it is sent in its place. */
      summary: { enum: ['off', 'on'] },
      /** That makes the summary; else the cheapest of the same provider. */
      model: { type: 'string', minLength: 1 },
    },
    additionalProperties: false,
  },
  /** What `-m auto` chooses between, and by what. */
  routing: {
    type: 'object',
    properties: {
      cheap: { type: 'string', minLength: 1 },
      strong: { type: 'string', minLength: 1 },
      /** The first that holds decides; all conditions of a rule must hold. */
      rules: {
        type: 'array',
        maxItems: 50,
        items: {
          type: 'object',
          properties: {
            use: { enum: ['cheap', 'strong'] },
            /** Characters of the prompt. */
            longerThan: { type: 'integer', minimum: 0 },
            attachments: { type: 'boolean' },
            keywords: { type: 'array', items: { type: 'string', minLength: 1 }, maxItems: 100 },
            /** Share of the monthly budget, from 0 to 1. */
            budgetLeftBelow: { type: 'number', minimum: 0, maximum: 1 },
          },
          required: ['use'],
          additionalProperties: false,
        },
      },
    },
    additionalProperties: false,
  },
  /** Answers that are given again to whoever asks the same. */
  cache: {
    type: 'object',
    properties: {
      /** Without being asked for with --cache, in pipes and scripts. */
      scripts: { type: 'boolean' },
      maxMegabytes: { type: 'integer', minimum: 1, maximum: 100_000 },
      maxAgeDays: { type: 'number', minimum: 0 },
    },
    additionalProperties: false,
  },
  budget: {
    type: 'object',
    properties: {
      /** US dollars of a calendar month. */
      monthly: { type: 'number', minimum: 0 },
    },
    additionalProperties: false,
  },
  /** The OpenAI-compatible door. */
  openai: {
    type: 'object',
    properties: {
      /** Keep each call as a conversation; otherwise only those that ask for it with a header. */
      keep: { type: 'boolean' },
    },
    additionalProperties: false,
  },
  /** The TCP door: open where it has a port. "natter serve" writes port and host. */
  serve: {
    type: 'object',
    properties: {
      port: { type: 'integer', minimum: 1, maximum: 65_535 },
      host: { type: 'string', minLength: 1, maxLength: 255 },
      /** What clients may call this machine, besides its addresses and "localhost". */
      names: { type: 'array', items: { type: 'string', minLength: 1, maxLength: 255 }, maxItems: 20 },
      /** Networks beyond private and on-link ones that may connect, as `100.64.0.0/10`. */
      peers: {
        type: 'array',
        items: { type: 'string', pattern: '^[0-9a-fA-F:.]+/\\d{1,3}$' },
        maxItems: 20,
      },
    },
    additionalProperties: false,
  },
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
