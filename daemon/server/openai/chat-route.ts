// POST /v1/chat/completions.

import type { FastifyReply, FastifyRequest } from 'fastify'
import { streamAnswer } from './answer-stream.ts'
import { toAskedChat } from './chat-request.ts'
import { chatSchema } from './chat-schema.ts'
import { createChatWords, toChatCompletion } from './chat-words.ts'
import { createCheck } from './checked.ts'
import type { OpenAiDoorOptions } from './door-options.ts'
import { setModel } from './model-header.ts'
import { readTruncation } from './natter-headers.ts'
import { answerWithTurn, type TurnCall } from './turn-call.ts'
import { readWhole } from './whole-answer.ts'

type Route = (request: FastifyRequest, reply: FastifyReply) => Promise<object | undefined>

export function createChatRoute(options: OpenAiDoorOptions): Route {
  const check = createCheck(chatSchema)
  return async (request, reply) => {
    const asked = toAskedChat(check(request.body ?? {}))
    const createdAt = Math.floor(Date.now() / 1000)
    const truncation = readTruncation(request.headers)
    return answerWithTurn(options, { request, reply, asked, truncation }, (call) =>
      asked.stream ? stream(call) : whole(call),
    )

    async function stream({ turnId, reader, gone }: TurnCall): Promise<undefined> {
      const words = createChatWords({ turnId, createdAt }, asked.includeUsage)
      await streamAnswer(reply, { reader, words, gone })
    }

    async function whole({ turnId, reader, gone }: TurnCall): Promise<object | undefined> {
      const answer = await readWhole(reader, gone)
      if (answer === null) {
        reply.hijack()
        return undefined
      }
      setModel(reply, answer.model)
      return toChatCompletion({ turnId, createdAt }, answer)
    }
  }
}
