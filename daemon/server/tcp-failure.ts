// Failures as they are answered over TCP: below /v1 in the shape that OpenAI's clients read, elsewhere in our own.

import type { FastifyReply, FastifyRequest } from 'fastify'
import { BOUNDS } from '../../src/protocol/bounds.ts'
import { type NatterError, toErrorInfo } from '../../src/protocol/errors.ts'
import { toRefusal } from './openai/errors.ts'
import { statusOf } from './refusals.ts'

export function sendTcpFailure(failure: NatterError, request: FastifyRequest, reply: FastifyReply): void {
  const { status, headers, error } = toRefusal(failure)
  const isOpenAi = /^\/v1(\/|\?|$)/.test(request.url)
  if (failure.code === 'key-missing' || failure.code === 'key-refused') reply.header('www-authenticate', 'Bearer')
  if (!isSmall(request)) reply.header('connection', 'close')
  void reply
    .headers(headers)
    .header('cache-control', 'no-store')
    .code(isOpenAi ? status : statusOf(failure))
    .send({ error: isOpenAi ? error : toErrorInfo(failure) })
}

/**
 * Whether the body may be read past, so that whoever is still sending it gets the answer and not a broken connection. One
 * that is too large, or does not say how large it is, might never end.
 */
function isSmall({ raw }: FastifyRequest): boolean {
  if (raw.headers['transfer-encoding'] !== undefined) return raw.complete
  return Number(raw.headers['content-length'] ?? 0) <= BOUNDS.requestBytes
}
