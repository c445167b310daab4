// POST /v1/embeddings. platform.openai.com/docs/api-reference/embeddings/create

import type { FastifyReply, FastifyRequest } from 'fastify'
import type { Infer } from '../../../src/protocol/schema/infer.ts'
import { createCheck } from './checked.ts'
import { whileWaiting } from './client-watch.ts'
import type { OpenAiDoorOptions } from './door-options.ts'
import { BadRequest, unsupported } from './errors.ts'
import { setModel } from './model-header.ts'
import { toCaller } from './natter-headers.ts'

/** As many as OpenAI takes at once. */
const MAX_INPUTS = 2_048

const embeddingsSchema = {
  type: 'object',
  properties: {
    model: { type: 'string', minLength: 1, maxLength: 300 },
    input: { type: ['string', 'array'], minItems: 1, maxItems: MAX_INPUTS },
    encoding_format: { enum: ['float', 'base64', null] },
    dimensions: { type: ['integer', 'null'], minimum: 1 },
  },
  required: ['model', 'input'],
} as const

export function createEmbeddingsRoute({ singleCalls, closing }: OpenAiDoorOptions) {
  const check = createCheck(embeddingsSchema)
  return async (request: FastifyRequest, reply: FastifyReply): Promise<object | undefined> => {
    const body = check(request.body ?? {})
    const asked = { model: body.model, input: toInput(body.input), dimensions: body.dimensions ?? null }
    const caller = toCaller(request)
    const answer = await whileWaiting(reply, closing, (gone) => singleCalls.embed(asked, caller, gone))
    if (answer === null) return undefined
    const encode = body.encoding_format === 'base64' ? toBase64 : (vector: readonly number[]) => vector
    const tokens = answer.usage?.inputTokens ?? 0
    setModel(reply, answer.model)
    return {
      object: 'list',
      data: answer.value.map((vector, index) => ({ object: 'embedding', index, embedding: encode(vector) })),
      model: answer.model,
      usage: { prompt_tokens: tokens, total_tokens: tokens },
    }
  }
}

function toInput(input: Infer<typeof embeddingsSchema>['input']): readonly string[] {
  if (typeof input === 'string') return [checkText(input, 'input')]
  return input.map((value, index) => {
    if (typeof value === 'string') return checkText(value, `input[${index}]`)
    throw unsupported('input', 'tokens of one vendor mean nothing to the others', 'Send texts')
  })
}

function checkText(text: string, param: string): string {
  if (text !== '') return text
  throw new BadRequest(`Cannot read "${param}": it is empty`, { param, code: 'invalid_value' })
}

/** 32-bit floats, little end first, as OpenAI sends them. */
function toBase64(vector: readonly number[]): string {
  const bytes = Buffer.alloc(vector.length * 4)
  for (const [index, value] of vector.entries()) bytes.writeFloatLE(value, index * 4)
  return bytes.toString('base64')
}
