// POST /v1/responses.

import type { FastifyReply, FastifyRequest } from 'fastify'
import { streamAnswer } from './answer-stream.ts'
import { createCheck } from './checked.ts'
import type { OpenAiDoorOptions } from './door-options.ts'
import { setModel } from './model-header.ts'
import { readTruncation } from './natter-headers.ts'
import { itemIdOf, type ResponseFacts, statusOfFinish, toItem, toResponse } from './response-object.ts'
import { toAskedResponse } from './responses-request.ts'
import { responsesSchema } from './responses-schema.ts'
import { createResponsesWords } from './responses-words.ts'
import { answerWithTurn } from './turn-call.ts'
import { readWhole, type WholeAnswer } from './whole-answer.ts'

export function createResponsesRoute(options: OpenAiDoorOptions) {
  const check = createCheck(responsesSchema)
  return async (request: FastifyRequest, reply: FastifyReply): Promise<object | undefined> => {
    const body = check(request.body ?? {})
    const asked = toAskedResponse(body)
    const truncation = readTruncation(request.headers, body.truncation)
    const createdAt = Math.floor(Date.now() / 1000)
    return answerWithTurn(options, { request, reply, asked, truncation }, async ({ turnId, reader, gone }) => {
      const facts = { turnId, createdAt, body, truncation }
      if (asked.stream) {
        await streamAnswer(reply, { reader, words: createResponsesWords(facts), gone })
        return undefined
      }
      const answer = await readWhole(reader, gone)
      if (answer === null) {
        reply.hijack()
        return undefined
      }
      setModel(reply, answer.model)
      return toWholeResponse(facts, answer)
    })
  }
}

function toWholeResponse(facts: ResponseFacts, { model, parts, finish, usage }: WholeAnswer): object {
  const status = statusOfFinish(finish)
  const output = parts.map((part, index) => toItem(itemIdOf(facts.turnId, part.type, index), part, status))
  return toResponse(facts, { status, model, output, finish, usage, error: null })
}
