// POST /v1/responses, as far as it is heeded. platform.openai.com/docs/api-reference/responses/create

import { BOUNDS } from '../../../src/protocol/bounds.ts'
import type { Infer } from '../../../src/protocol/schema/infer.ts'
import { COMMON, EFFORTS, PARTS } from './chat-schema.ts'

/** Items of the input are looked at where they are translated. */
export const responsesSchema = {
  type: 'object',
  properties: {
    ...COMMON,
    input: {
      type: ['string', 'array'],
      minItems: 1,
      minLength: 1,
      maxItems: BOUNDS.broughtMessages,
      items: { type: 'object', properties: { content: PARTS, output: PARTS } },
    },
    instructions: { type: ['string', 'null'] },
    max_output_tokens: { type: ['integer', 'null'], minimum: 1 },
    reasoning: { type: ['object', 'null'], properties: { effort: { enum: EFFORTS } } },
    text: {
      type: ['object', 'null'],
      properties: { format: { type: ['object', 'null'] }, verbosity: { type: ['string', 'null'] } },
    },
    truncation: { enum: ['auto', 'disabled', null] },
    metadata: { type: ['object', 'null'] },
    previous_response_id: { type: ['string', 'null'] },
    conversation: { type: ['string', 'object', 'null'] },
    prompt: { type: ['object', 'null'] },
    background: { type: ['boolean', 'null'] },
  },
  required: ['input'],
} as const

export type ResponsesBody = Infer<typeof responsesSchema>
