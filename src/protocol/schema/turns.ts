// Operations on turns.

import { BOUNDS } from '../bounds.ts'
import { turnSchema } from './entities.ts'
import { environmentSchema } from './environment.ts'
import {
  conversationIdSchema,
  countSchema,
  messageIdSchema,
  microDollarsSchema,
  nullableString,
  originSchema,
  parametersSchema,
  timeSchema,
  turnIdSchema,
} from './scalars.ts'
import { list, modelName, none, object, placeSchema, reference, system } from './shapes.ts'

const turnRequest = {
  /** Made by the caller, so that a repeated start starts one turn. */
  turnId: turnIdSchema,
  /** Absent: a new conversation. */
  conversationId: conversationIdSchema,
  /** The message it answers to; absent: the newest of the branch in view. */
  parentId: messageIdSchema,
  prompt: { type: 'string', minLength: 1, maxLength: BOUNDS.promptBytes },
  model: modelName,
  system,
  parameters: parametersSchema,
  origin: originSchema,
  place: placeSchema,
  /** False: lives in memory only; the ledger keeps its row without text. */
  log: { type: 'boolean' },
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
      inputTokens: countSchema,
      /** False where a real tokenizer of that model counted. */
      estimated: { type: 'boolean' },
      inputCostMicros: microDollarsSchema,
      /** What the longest possible answer would cost on top. */
      maxOutputCostMicros: microDollarsSchema,
      maxOutputTokens: { type: ['integer', 'null'] },
      contextTokens: { type: ['integer', 'null'] },
      priceDate: nullableString,
    } as const),
  },
  'turns.get': {
    summary: 'The turn that an id or an end of it names, or the last one of a conversation',
    request: { type: 'object', properties: { reference }, required: ['reference'], additionalProperties: false },
    response: object({ turn: turnSchema } as const),
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
