// Conversations, messages, turns and models as they cross the socket.

import type { Infer } from './infer.ts'
import {
  conversationIdSchema,
  countSchema,
  fallbackSchema,
  finishSchema,
  messageIdSchema,
  microDollarsSchema,
  nullableString,
  originSchema,
  outcomeSchema,
  parametersSchema,
  partSchema,
  timeSchema,
  turnIdSchema,
  usageSchema,
  waitSchema,
} from './scalars.ts'
import { cachedSchema } from './story.ts'

export const conversationSchema = {
  type: 'object',
  properties: {
    conversationId: conversationIdSchema,
    title: { type: 'string' },
    /** What new turns ask, unless they name another; null: the default. */
    model: nullableString,
    system: nullableString,
    parameters: parametersSchema,
    /** What may answer in place of its model; null: what the settings say. */
    fallback: { anyOf: [fallbackSchema, { type: 'null' }] },
    /** The newest message of the branch that is in view; null while empty. */
    leafId: { anyOf: [messageIdSchema, { type: 'null' }] },
    messageCount: countSchema,
    /** Of the answers whose price is known, in millionths of a dollar. */
    costMicros: countSchema,
    /** Answers that used tokens of a price nobody knows. */
    unpricedAnswers: countSchema,
    createdAt: timeSchema,
    /** When it was last written to or continued. */
    usedAt: timeSchema,
  },
  required: [
    'conversationId',
    'title',
    'model',
    'system',
    'parameters',
    'fallback',
    'leafId',
    'messageCount',
    'costMicros',
    'unpricedAnswers',
    'createdAt',
    'usedAt',
  ],
  additionalProperties: false,
} as const
export type Conversation = Infer<typeof conversationSchema>

export const messageSchema = {
  type: 'object',
  properties: {
    messageId: messageIdSchema,
    conversationId: conversationIdSchema,
    parentId: { anyOf: [messageIdSchema, { type: 'null' }] },
    turnId: turnIdSchema,
    role: { enum: ['user', 'assistant'] },
    parts: { type: 'array', items: partSchema },
    /** Of an assistant message: the model that answered, `provider/model`. */
    model: nullableString,
    /** Of an assistant message: null while it is being written. */
    outcome: { anyOf: [outcomeSchema, { type: 'null' }] },
    finish: { anyOf: [finishSchema, { type: 'null' }] },
    usage: { anyOf: [usageSchema, { type: 'null' }] },
    costMicros: microDollarsSchema,
    /** Set where it was given again from what was kept, for nothing; null: it was asked, or is a question. */
    cached: { anyOf: [cachedSchema, { type: 'null' }] },
    createdAt: timeSchema,
  },
  required: [
    'messageId',
    'conversationId',
    'parentId',
    'turnId',
    'role',
    'parts',
    'model',
    'outcome',
    'finish',
    'usage',
    'costMicros',
    'cached',
    'createdAt',
  ],
  additionalProperties: false,
} as const
export type Message = Infer<typeof messageSchema>

/** Facts of one turn; its text is in `messages.list` and in the events. */
export const turnSchema = {
  type: 'object',
  properties: {
    turnId: turnIdSchema,
    conversationId: conversationIdSchema,
    title: { type: 'string' },
    userMessageId: messageIdSchema,
    messageId: messageIdSchema,
    model: { type: 'string' },
    origin: originSchema,
    status: { enum: ['queued', 'running', 'ended'] },
    /** What it waits for; null while it does not. */
    wait: { anyOf: [waitSchema, { type: 'null' }] },
    outcome: { anyOf: [outcomeSchema, { type: 'null' }] },
    finish: { anyOf: [finishSchema, { type: 'null' }] },
    usage: { anyOf: [usageSchema, { type: 'null' }] },
    costMicros: microDollarsSchema,
    /** Tokens of the answer so far, counted by us while it runs. */
    outputTokens: countSchema,
    /** From the start of the turn to the first part, in milliseconds. */
    firstPartMs: { type: ['integer', 'null'] },
    startedAt: timeSchema,
    endedAt: { type: ['integer', 'null'] },
  },
  required: [
    'turnId',
    'conversationId',
    'title',
    'userMessageId',
    'messageId',
    'model',
    'origin',
    'status',
    'wait',
    'outcome',
    'finish',
    'usage',
    'costMicros',
    'outputTokens',
    'firstPartMs',
    'startedAt',
    'endedAt',
  ],
  additionalProperties: false,
} as const
export type Turn = Infer<typeof turnSchema>

const dollarsPerMillion = { type: ['number', 'null'] } as const

export const modelSchema = {
  type: 'object',
  properties: {
    /** `provider/model`, as `--model` takes it. */
    model: { type: 'string' },
    provider: { type: 'string' },
    name: { type: 'string' },
    contextTokens: { type: ['integer', 'null'] },
    outputTokens: { type: ['integer', 'null'] },
    /** US dollars per million tokens; null where unknown. */
    inputPrice: dollarsPerMillion,
    outputPrice: dollarsPerMillion,
    cachedInputPrice: dollarsPerMillion,
    input: { type: 'array', items: { enum: ['text', 'image', 'pdf', 'audio', 'video'] } },
    output: { type: 'array', items: { enum: ['text', 'image', 'audio'] } },
    reasoning: { type: ['boolean', 'null'] },
    /** Whether a turn could use it now: there is a key, or none is needed. */
    available: { type: 'boolean' },
    isDefault: { type: 'boolean' },
  },
  required: [
    'model',
    'provider',
    'name',
    'contextTokens',
    'outputTokens',
    'inputPrice',
    'outputPrice',
    'cachedInputPrice',
    'input',
    'output',
    'reasoning',
    'available',
    'isDefault',
  ],
  additionalProperties: false,
} as const
export type Model = Infer<typeof modelSchema>
