// Failures as they are answered over TCP: below /v1 in the shape that OpenAI's clients read, elsewhere in our own.

import type { FastifyReply, FastifyRequest } from 'fastify'
import { BOUNDS } from '../../src/protocol/bounds.ts'
import { type NatterError, toErrorInfo } from '../../src/protocol/errors.ts'
import { RefusedRequest, statusOf } from './refusals.ts'

/** https://developers.openai.com/api/docs/guides/error-codes */
const CODES: Partial<Record<NatterError['code'], string>> = {
  'key-missing': 'invalid_api_key',
  'key-refused': 'invalid_api_key',
  'permission-denied': 'permission_denied',
  'rate-limited': 'rate_limit_exceeded',
  'not-found': 'not_found',
}

export function sendTcpFailure(failure: NatterError, request: FastifyRequest, reply: FastifyReply): void {
  if (failure instanceof RefusedRequest) reply.headers(failure.headers)
  if (failure.code === 'key-missing' || failure.code === 'key-refused') reply.header('www-authenticate', 'Bearer')
  if (failure.retryAfterMs !== null) reply.header('retry-after', Math.ceil(failure.retryAfterMs / 1_000))
  if (!isSmall(request)) reply.header('connection', 'close')
  void reply
    .header('cache-control', 'no-store')
    .code(statusOf(failure))
    .send(/^\/v1(\/|\?|$)/.test(request.url) ? toOpenAiError(failure) : { error: toErrorInfo(failure) })
}

function toOpenAiError(failure: NatterError): object {
  const { code, message, hint } = failure
  const type = code === 'internal' ? 'server_error' : 'invalid_request_error'
  return {
    error: {
      message: hint === null ? message : `${message}. ${hint}`,
      type,
      param: null,
      code: CODES[code] ?? null,
    },
  }
}

/**
 * Whether the body may be read past, so that whoever is still sending it gets the answer and not a broken connection. One
 * that is too large, or does not say how large it is, might never end.
 */
function isSmall({ raw }: FastifyRequest): boolean {
  if (raw.headers['transfer-encoding'] !== undefined) return raw.complete
  return Number(raw.headers['content-length'] ?? 0) <= BOUNDS.requestBytes
}
