// What travels up: the events of one conversation, in the order of `seq`.

import type { Infer } from './infer.ts'
import {
  conversationIdSchema,
  errorSchema,
  finishSchema,
  messageIdSchema,
  microDollarsSchema,
  nullableString,
  originSchema,
  outcomeSchema,
  partSchema,
  timeSchema,
  turnIdSchema,
  usageSchema,
  waitSchema,
} from './scalars.ts'
import { cachedSchema } from './story.ts'

const envelope = {
  /**
   * One counter over all conversations and restarts; also the `id:` of the frame. 0: a snapshot that others follow,
   * so that whoever resumes after it begins again.
   */
  seq: { type: 'integer', minimum: 0 },
  at: timeSchema,
  conversationId: conversationIdSchema,
} as const

const ofTurn = { ...envelope, turnId: turnIdSchema } as const

/** A turn as it stands at the moment of the snapshot: running, waiting, or ended a short while ago. */
const turnSnapshotSchema = {
  type: 'object',
  properties: {
    turnId: turnIdSchema,
    messageId: messageIdSchema,
    model: { type: 'string' },
    /** Why that one answers in place of the one that was asked; absent: it does not. */
    modelReason: nullableString,
    startedAt: timeSchema,
    parts: { type: 'array', items: partSchema },
    usage: { anyOf: [usageSchema, { type: 'null' }] },
    finish: { anyOf: [finishSchema, { type: 'null' }] },
    outcome: { anyOf: [outcomeSchema, { type: 'null' }] },
    costMicros: microDollarsSchema,
    firstPartMs: { type: ['integer', 'null'] },
    /** Absent: it was asked. */
    cached: cachedSchema,
    /** What it waits for; absent while it does not. */
    wait: waitSchema,
  },
  required: [
    'turnId',
    'messageId',
    'model',
    'startedAt',
    'parts',
    'usage',
    'finish',
    'outcome',
    'costMicros',
    'firstPartMs',
  ],
  additionalProperties: false,
} as const
export type TurnSnapshot = Infer<typeof turnSnapshotSchema>

export const eventSchema = {
  oneOf: [
    {
      type: 'object',
      properties: {
        ...envelope,
        type: { const: 'snapshot' },
        turns: { type: 'array', items: turnSnapshotSchema },
      },
      required: ['seq', 'at', 'conversationId', 'type', 'turns'],
      additionalProperties: false,
    },
    {
      type: 'object',
      properties: {
        ...ofTurn,
        type: { const: 'turn-start' },
        messageId: messageIdSchema,
        userMessageId: messageIdSchema,
        model: { type: 'string' },
        origin: originSchema,
      },
      required: ['seq', 'at', 'conversationId', 'turnId', 'type', 'messageId', 'userMessageId', 'model', 'origin'],
      additionalProperties: false,
    },
    {
      type: 'object',
      properties: {
        ...ofTurn,
        type: { const: 'turn-wait' },
        ...waitSchema.properties,
      },
      required: ['seq', 'at', 'conversationId', 'turnId', 'type', 'reason', 'position', 'until'],
      additionalProperties: false,
    },
    {
      type: 'object',
      properties: {
        ...ofTurn,
        type: { const: 'turn-model' },
        model: { type: 'string' },
        reason: nullableString,
      },
      required: ['seq', 'at', 'conversationId', 'turnId', 'type', 'model', 'reason'],
      additionalProperties: false,
    },
    {
      type: 'object',
      properties: { ...ofTurn, type: { enum: ['text-delta', 'reasoning-delta'] }, text: { type: 'string' } },
      required: ['seq', 'at', 'conversationId', 'turnId', 'type', 'text'],
      additionalProperties: false,
    },
    {
      type: 'object',
      properties: {
        ...ofTurn,
        type: { const: 'tool-call-delta' },
        callId: { type: 'string' },
        name: { type: 'string' },
        text: { type: 'string' },
      },
      required: ['seq', 'at', 'conversationId', 'turnId', 'type', 'callId', 'name', 'text'],
      additionalProperties: false,
    },
    {
      type: 'object',
      properties: { ...ofTurn, type: { const: 'usage' }, usage: usageSchema },
      required: ['seq', 'at', 'conversationId', 'turnId', 'type', 'usage'],
      additionalProperties: false,
    },
    {
      type: 'object',
      properties: { ...ofTurn, type: { const: 'finish' }, ...finishSchema.properties },
      required: ['seq', 'at', 'conversationId', 'turnId', 'type', 'reason', 'raw'],
      additionalProperties: false,
    },
    {
      type: 'object',
      properties: {
        ...ofTurn,
        type: { const: 'turn-end' },
        outcome: outcomeSchema,
        model: { type: 'string' },
        usage: { anyOf: [usageSchema, { type: 'null' }] },
        costMicros: microDollarsSchema,
        firstPartMs: { type: ['integer', 'null'] },
        /** Absent: it was asked. */
        cached: cachedSchema,
        /**
         * Why the reply is not on the disk yet, or could not be brought there. Absent: it is, or it was to be kept
         * in memory only.
         */
        unsaved: errorSchema,
        /** What the user should know besides, and was not told at the start. Absent: nothing. */
        notes: { type: 'array', items: { type: 'string' } },
      },
      required: [
        'seq',
        'at',
        'conversationId',
        'turnId',
        'type',
        'outcome',
        'model',
        'usage',
        'costMicros',
        'firstPartMs',
      ],
      additionalProperties: false,
    },
    {
      type: 'object',
      properties: {
        ...envelope,
        type: { const: 'conversation' },
        change: { enum: ['created', 'updated', 'deleted'] },
        title: { type: 'string' },
      },
      required: ['seq', 'at', 'conversationId', 'type', 'change', 'title'],
      additionalProperties: false,
    },
  ],
} as const

export type NatterEvent = Infer<typeof eventSchema>
export type EventType = NatterEvent['type']

type DistributiveOmit<Union, Keys extends PropertyKey> = Union extends unknown ? Omit<Union, Keys> : never
/** An event before the hub has numbered it. */
export type EventBody = DistributiveOmit<Exclude<NatterEvent, { type: 'snapshot' }>, 'seq' | 'at'>
