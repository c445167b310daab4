// POST /v1/images/generations. platform.openai.com/docs/api-reference/images/create

import type { FastifyReply, FastifyRequest } from 'fastify'
import type { Infer } from '../../../src/protocol/schema/infer.ts'
import { createCheck } from './checked.ts'
import { whileWaiting } from './client-watch.ts'
import type { OpenAiDoorOptions } from './door-options.ts'
import { unsupported } from './errors.ts'
import { setModel } from './model-header.ts'
import { toCaller } from './natter-headers.ts'

const word = { type: ['string', 'null'], minLength: 1, maxLength: 40 } as const

const imagesSchema = {
  type: 'object',
  properties: {
    model: { type: 'string', minLength: 1, maxLength: 300 },
    prompt: { type: 'string', minLength: 1, maxLength: 32_000 },
    n: { type: ['integer', 'null'], minimum: 1, maximum: 10 },
    size: word,
    quality: word,
    background: word,
    output_format: { enum: ['png', 'jpeg', 'webp', null] },
    response_format: { type: ['string', 'null'] },
    stream: { type: ['boolean', 'null'] },
  },
  required: ['model', 'prompt'],
} as const

/** Known to OpenAI, and passed on to nobody. */
const IGNORED = ['style', 'moderation', 'output_compression', 'partial_images', 'user'] as const

export function createImagesRoute({ singleCalls, closing }: OpenAiDoorOptions) {
  const check = createCheck(imagesSchema)
  return async (request: FastifyRequest, reply: FastifyReply): Promise<object | undefined> => {
    const body = check(request.body ?? {})
    refuse(body)
    const ignored = IGNORED.filter((name) => (body[name] ?? null) !== null)
    if (ignored.length > 0) reply.header('x-natter-ignored', ignored.join(', '))
    const caller = toCaller(request)
    const answer = await whileWaiting(reply, closing, (gone) => singleCalls.draw(toDrawing(body), caller, gone))
    if (answer === null) return undefined
    setModel(reply, answer.model)
    const { usage } = answer
    return {
      created: Math.floor(Date.now() / 1000),
      data: answer.value.map(({ base64 }) => ({ b64_json: base64 })),
      ...(answer.value[0] === undefined ? {} : { output_format: answer.value[0].mediaType.replace('image/', '') }),
      ...(usage === null ? {} : { usage: toUsage(usage.inputTokens, usage.outputTokens) }),
    }
  }
}

function refuse({ response_format: format, stream }: Infer<typeof imagesSchema>): void {
  if (format === 'url') {
    throw unsupported('response_format', 'natter stores no pictures for others to fetch', 'Ask for "b64_json"')
  }
  if (stream === true) throw unsupported('stream', 'pictures come when they are whole', 'Leave out "stream"')
}

function toDrawing(body: Infer<typeof imagesSchema>) {
  return {
    model: body.model,
    prompt: body.prompt,
    count: body.n ?? 1,
    size: body.size ?? null,
    quality: body.quality ?? null,
    background: body.background ?? null,
    format: body.output_format ?? null,
  }
}

function toUsage(inputTokens: number, outputTokens: number): object {
  return { input_tokens: inputTokens, output_tokens: outputTokens, total_tokens: inputTokens + outputTokens }
}
