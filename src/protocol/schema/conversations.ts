// Operations on conversations and their messages.

import { BOUNDS } from '../bounds.ts'
import { conversationSchema, messageSchema } from './entities.ts'
import { conversationIdSchema, fallbackSchema, messageIdSchema, parametersSchema, timeSchema } from './scalars.ts'
import { list, modelName, object, page, placeSchema, reference, system, title } from './shapes.ts'

export const CONVERSATION_OPERATIONS = {
  'conversations.list': {
    summary: 'Newest used first',
    request: {
      type: 'object',
      properties: {
        limit: page,
        /** `usedAt` of the last one of the page before. */
        before: timeSchema,
        query: { type: 'string', maxLength: BOUNDS.searchChars },
      },
      additionalProperties: false,
    },
    response: object({ conversations: list(conversationSchema) } as const),
  },
  'conversations.get': {
    summary: 'The one that an id, an end of an id or a part of a title names',
    request: { type: 'object', properties: { reference }, required: ['reference'], additionalProperties: false },
    response: object({ conversation: conversationSchema } as const),
  },
  'conversations.latest': {
    summary: 'The one last used at this terminal, else in this directory, else anywhere',
    request: { type: 'object', properties: { place: placeSchema }, required: ['place'], additionalProperties: false },
    response: object({
      conversation: { anyOf: [conversationSchema, { type: 'null' }] },
      match: { enum: ['terminal', 'directory', 'anywhere', null] },
    } as const),
  },
  'conversations.create': {
    summary: 'An empty conversation',
    request: {
      type: 'object',
      properties: { title, model: modelName, system, parameters: parametersSchema, fallback: fallbackSchema },
      additionalProperties: false,
    },
    response: object({ conversation: conversationSchema } as const),
  },
  'conversations.update': {
    summary: 'Rename, or change model, system prompt, parameters, fallback or the branch in view',
    request: {
      type: 'object',
      properties: {
        conversationId: conversationIdSchema,
        title,
        model: { type: ['string', 'null'], maxLength: 300 },
        system,
        parameters: parametersSchema,
        /** Null: what the settings say. */
        fallback: { anyOf: [fallbackSchema, { type: 'null' }] },
        leafId: messageIdSchema,
      },
      required: ['conversationId'],
      additionalProperties: false,
    },
    response: object({ conversation: conversationSchema } as const),
  },
  'conversations.delete': {
    summary: 'Remove a conversation and its messages; the ledger keeps its rows without text',
    request: {
      type: 'object',
      properties: { conversationId: conversationIdSchema },
      required: ['conversationId'],
      additionalProperties: false,
    },
    response: object({ deleted: { type: 'boolean' } } as const),
  },
  'conversations.search': {
    summary: 'Full text over all messages, best first',
    request: {
      type: 'object',
      properties: { query: { type: 'string', minLength: 1, maxLength: BOUNDS.searchChars }, limit: page },
      required: ['query'],
      additionalProperties: false,
    },
    response: object({
      hits: list(
        object({
          conversationId: conversationIdSchema,
          title: { type: 'string' },
          messageId: messageIdSchema,
          role: { enum: ['user', 'assistant'] },
          createdAt: timeSchema,
          /** Plain text; each match stands between U+0002 and U+0003. */
          snippet: { type: 'string' },
        } as const),
      ),
      /** True where more matched than was looked at. */
      truncated: { type: 'boolean' },
    } as const),
  },
  'messages.list': {
    summary: 'The branch in view, oldest first: the newest page, or the page before a message',
    request: {
      type: 'object',
      properties: { conversationId: conversationIdSchema, before: messageIdSchema, limit: page },
      required: ['conversationId'],
      additionalProperties: false,
    },
    response: object({ messages: list(messageSchema), hasMore: { type: 'boolean' } } as const),
  },
  'messages.get': {
    summary: 'One stored message',
    request: {
      type: 'object',
      properties: { messageId: messageIdSchema },
      required: ['messageId'],
      additionalProperties: false,
    },
    response: object({ message: messageSchema } as const),
  },
} as const
