// POST /v1/chat/completions, as far as it is heeded. platform.openai.com/docs/api-reference/chat/create

import { BOUNDS } from '../../../src/protocol/bounds.ts'
import type { Infer } from '../../../src/protocol/schema/infer.ts'

const flag = { type: ['boolean', 'null'] } as const
const positive = { type: ['integer', 'null'], minimum: 1 } as const

/** What both APIs that answer say alike. */
export const COMMON = {
  model: { type: ['string', 'null'], minLength: 1, maxLength: 300 },
  stream: flag,
  temperature: { type: ['number', 'null'], minimum: 0, maximum: 2 },
  top_p: { type: ['number', 'null'], minimum: 0, maximum: 1 },
  top_logprobs: { type: ['integer', 'null'] },
  parallel_tool_calls: flag,
  tools: { type: ['array', 'null'], maxItems: 1_000, items: { type: 'object' } },
  tool_choice: { type: ['string', 'object', 'null'] },
} as const

export const EFFORTS = ['none', 'minimal', 'low', 'medium', 'high', 'xhigh', 'max', null] as const

/** A list, where it is one: what else may stand there is looked at later. */
export const PARTS = {
  type: ['array', 'string', 'object', 'number', 'boolean', 'null'],
  maxItems: BOUNDS.messageParts,
} as const

/** Contents of messages are looked at where they are translated: what fits there depends on the role. */
export const chatSchema = {
  type: 'object',
  properties: {
    ...COMMON,
    messages: {
      type: 'array',
      minItems: 1,
      maxItems: BOUNDS.broughtMessages,
      items: {
        type: 'object',
        properties: {
          content: PARTS,
          tool_calls: PARTS,
          role: { enum: ['system', 'developer', 'user', 'assistant', 'tool', 'function'] },
        },
        required: ['role'],
      },
    },
    stream_options: { type: ['object', 'null'], properties: { include_usage: flag } },
    max_tokens: positive,
    max_completion_tokens: positive,
    stop: { type: ['string', 'array', 'null'], items: { type: 'string' }, maxItems: 16 },
    seed: { type: ['integer', 'null'] },
    reasoning_effort: { enum: EFFORTS },
    response_format: { type: ['object', 'null'] },
    n: positive,
    logprobs: flag,
    audio: { type: ['object', 'null'] },
    modalities: { type: ['array', 'null'], items: { type: 'string' } },
    functions: { type: ['array', 'null'] },
  },
  required: ['messages'],
} as const

export type ChatBody = Infer<typeof chatSchema>
export type ChatMessage = ChatBody['messages'][number]
