// Operations on turns.

import { BOUNDS } from '../bounds.ts'
import { turnSchema } from './entities.ts'
import { environmentSchema } from './environment.ts'
import {
  conversationIdSchema,
  countSchema,
  errorSchema,
  fallbackSchema,
  messageIdSchema,
  microDollarsSchema,
  nullableString,
  originSchema,
  parametersSchema,
  timeSchema,
  turnIdSchema,
} from './scalars.ts'
import { list, modelName, none, object, placeSchema, reference, system } from './shapes.ts'
import { attemptSchema, storySchema } from './story.ts'

const turnRequest = {
  /** Made by the caller, so that a repeated start starts one turn. */
  turnId: turnIdSchema,
  /** Absent: a new conversation. */
  conversationId: conversationIdSchema,
  /** The message it answers to; null: none, it stands at the beginning; absent: the newest of the branch in view. */
  parentId: { anyOf: [messageIdSchema, { type: 'null' }] },
  prompt: { type: 'string', minLength: 1, maxLength: BOUNDS.promptBytes },
  model: modelName,
  system,
  parameters: parametersSchema,
  /** What may answer where the model cannot be had; absent: what the conversation or the settings say. */
  fallback: fallbackSchema,
  origin: originSchema,
  place: placeSchema,
  /** False: lives in memory only; the ledger keeps its row without text. */
  log: { type: 'boolean' },
  /** Refused before anyone is asked where it is likely to cost more, in millionths of a dollar. */
  maxCostMicros: countSchema,
  /** `use`: an answer to the same question may be given again; `refresh`: it is asked anew and kept; absent: neither. */
  cache: { enum: ['off', 'use', 'refresh'] },
  /** True: it may go over the monthly budget. */
  overBudget: { type: 'boolean' },
  /** How long the whole turn may take. */
  timeoutMs: { type: 'integer', minimum: 1, maximum: 86_400_000 },
  /** Not started after that: whoever asked has been told that it failed. */
  startBefore: timeSchema,
  environment: environmentSchema,
} as const

export const TURN_OPERATIONS = {
  'turns.start': {
    summary: 'Save a message and begin its answer',
    request: {
      type: 'object',
      properties: turnRequest,
      required: ['turnId', 'prompt', 'origin'],
      additionalProperties: false,
    },
    response: object({
      turnId: turnIdSchema,
      conversationId: conversationIdSchema,
      userMessageId: messageIdSchema,
      messageId: messageIdSchema,
      model: { type: 'string' },
      /** Said once, to be shown: why this model, when nobody named one. */
      notice: nullableString,
    } as const),
  },
  'turns.estimate': {
    summary: 'Tokens and cost of a turn that is not started',
    request: {
      type: 'object',
      properties: turnRequest,
      required: ['prompt', 'origin'],
      additionalProperties: false,
    },
    response: object({
      model: { type: 'string' },
      /** Why that one, where it may surprise. */
      notice: nullableString,
      /** Of what is sent, which may be less than the conversation. */
      inputTokens: countSchema,
      sentMessages: countSchema,
      /** The oldest, which do not fit. */
      leftOutMessages: countSchema,
      /** False where a real tokenizer of that model counted. */
      estimated: { type: 'boolean' },
      inputCostMicros: microDollarsSchema,
      /** As answers of that model have been lately. */
      likelyOutputTokens: countSchema,
      /** Of both: what the budget is asked for. */
      likelyCostMicros: microDollarsSchema,
      /** What the longest possible answer would cost on top. */
      maxOutputCostMicros: microDollarsSchema,
      maxOutputTokens: { type: ['integer', 'null'] },
      contextTokens: { type: ['integer', 'null'] },
      priceDate: nullableString,
      /** Why the turn would be refused for its price; null: it would not. */
      refusal: { anyOf: [errorSchema, { type: 'null' }] },
    } as const),
  },
  'turns.get': {
    summary: 'The turn that an id or an end of it names, or the last one of a conversation',
    request: { type: 'object', properties: { reference }, required: ['reference'], additionalProperties: false },
    response: object({ turn: turnSchema } as const),
  },
  'turns.why': {
    summary: 'What was sent for a turn, what it waited for, and which models were asked',
    request: { type: 'object', properties: { reference }, required: ['reference'], additionalProperties: false },
    response: object({
      turn: turnSchema,
      attempts: list(attemptSchema),
      /** Null while it runs, and of turns that were killed. */
      story: { anyOf: [storySchema, { type: 'null' }] },
    } as const),
  },
  'turns.list': {
    summary: 'What runs or waits now',
    request: none,
    response: object({ turns: list(turnSchema) } as const),
  },
  'turns.cancel': {
    summary: 'Stop a turn and keep what it has said',
    request: {
      type: 'object',
      properties: { turnId: turnIdSchema },
      required: ['turnId'],
      additionalProperties: false,
    },
    response: object({ cancelled: { type: 'boolean' } } as const),
  },
} as const
