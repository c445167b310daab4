// Failures as OpenAI's clients know them: their statuses, types and codes. platform.openai.com/docs/guides/error-codes

import type { FastifyError } from 'fastify'
import { ERROR_TRAITS, type ErrorCode, NatterError, type NatterErrorOptions } from '../../../src/protocol/errors.ts'
import { fromFramework, RefusedRequest, statusOf } from '../refusals.ts'

/** The object under `error`. */
export interface OpenAiError {
  readonly message: string
  readonly type: string
  readonly param: string | null
  readonly code: string | null
}

/** A whole answer that refuses. */
export interface Refusal {
  readonly status: number
  readonly headers: { readonly [name: string]: string }
  readonly error: OpenAiError
}

interface BadRequestOptions extends NatterErrorOptions {
  /** Where in the request it lies. */
  readonly param?: string
  readonly code?: string
  readonly status?: number
}

/** What a request asks that cannot be done, with the place where it asks for it. */
export class BadRequest extends NatterError {
  readonly param: string | null
  readonly openAiCode: string | null
  readonly status: number

  constructor(message: string, options: BadRequestOptions = {}) {
    super('invalid-request', message, options)
    this.param = options.param ?? null
    this.openAiCode = options.code ?? null
    this.status = options.status ?? 400
  }
}

/** For a value that no client of the API would send. */
export function misfit(param: string, problem: string): BadRequest {
  return new BadRequest(`Cannot read "${param}": ${problem}`, { param, code: 'invalid_value' })
}

/** The part of a request that no model behind natter can be asked for. */
export function unsupported(param: string, problem: string, hint: string): BadRequest {
  return new BadRequest(`Cannot answer with "${param}": ${problem}`, { param, code: 'unsupported_value', hint })
}

interface Words {
  readonly type: string
  readonly code: string | null
  /** Where it differs from the status of our own API. */
  readonly status?: number
}

const INVALID = 'invalid_request_error'
const SERVER = 'server_error'

const WORDS: { readonly [Code in ErrorCode]: Words } = {
  usage: { type: INVALID, code: null },
  'invalid-request': { type: INVALID, code: null },
  'not-found': { type: INVALID, code: 'not_found' },
  // Clients repeat a 409: they take it for a lock.
  ambiguous: { type: INVALID, code: 'ambiguous', status: 400 },
  conflict: { type: INVALID, code: 'conflict' },
  'too-large': { type: INVALID, code: 'request_too_large' },
  'key-missing': { type: INVALID, code: 'invalid_api_key' },
  'key-refused': { type: INVALID, code: 'invalid_api_key' },
  'permission-denied': { type: INVALID, code: 'insufficient_permissions' },
  'quota-exhausted': { type: 'insufficient_quota', code: 'insufficient_quota', status: 429 },
  'rate-limited': { type: 'rate_limit_error', code: 'rate_limit_exceeded' },
  'queue-full': { type: 'service_unavailable_error', code: 'server_is_overloaded' },
  'over-budget': { type: 'insufficient_quota', code: 'budget_exceeded' },
  overloaded: { type: 'service_unavailable_error', code: 'server_is_overloaded' },
  'context-exceeded': { type: INVALID, code: 'context_length_exceeded' },
  'content-filtered': { type: INVALID, code: 'content_filter' },
  'model-not-found': { type: INVALID, code: 'model_not_found' },
  timeout: { type: SERVER, code: 'timeout' },
  'connection-failed': { type: SERVER, code: 'connection_failed' },
  truncated: { type: SERVER, code: 'truncated' },
  'protocol-error': { type: SERVER, code: 'protocol_error' },
  'provider-failed': { type: SERVER, code: 'provider_failed' },
  interrupted: { type: SERVER, code: 'interrupted' },
  'daemon-unreachable': { type: 'service_unavailable_error', code: 'server_shutting_down' },
  'storage-full': { type: SERVER, code: 'storage_full' },
  'storage-failed': { type: SERVER, code: 'storage_failed' },
  'store-newer': { type: SERVER, code: 'storage_failed' },
  internal: { type: SERVER, code: 'internal_error' },
}

/** Clients may ask again themselves; all others were asked again here, or would fail again. */
const WORTH_REPEATING: ReadonlySet<ErrorCode> = new Set([
  'rate-limited',
  'queue-full',
  'overloaded',
  'interrupted',
  'daemon-unreachable',
])

export function toOpenAiError(failure: NatterError): OpenAiError {
  const { type, code } = WORDS[failure.code]
  // There is one text only, and what to do stands in the hint.
  const message = failure.hint === null ? failure.message : `${failure.message}. ${failure.hint}`
  if (failure instanceof BadRequest) return { message, type, param: failure.param, code: failure.openAiCode }
  const param = failure.code === 'model-not-found' ? 'model' : null
  return { message, type, param, code }
}

export function toRefusal(failure: NatterError): Refusal {
  const headers: { [name: string]: string } = failure instanceof RefusedRequest ? { ...failure.headers } : {}
  const { retryAfterMs } = failure
  if (retryAfterMs !== null) {
    headers['retry-after'] = String(Math.ceil(retryAfterMs / 1000))
    headers['retry-after-ms'] = String(Math.ceil(retryAfterMs))
  }
  if (!WORTH_REPEATING.has(failure.code)) headers['x-should-retry'] = 'false'
  return { status: statusFor(failure), headers, error: toOpenAiError(failure) }
}

function statusFor(failure: NatterError): number {
  if (failure instanceof BadRequest) return failure.status
  if (failure instanceof RefusedRequest) return statusOf(failure)
  return WORDS[failure.code].status ?? ERROR_TRAITS[failure.code].status
}

/** Anything thrown on the way to an answer, as one of ours. `maxBytes`: what the route would have taken. */
export function toFailure(error: FastifyError | NatterError, url: string, maxBytes: number): NatterError {
  if (error instanceof NatterError) return error
  if (error.statusCode !== 413)
    return fromFramework(error, url, 'See platform.openai.com/docs/api-reference for what it takes')
  return new NatterError('too-large', `Cannot read request of ${url}: it is larger than ${maxBytes} bytes`, {
    hint: 'Send fewer or smaller pictures, or a shorter text',
    cause: error,
  })
}
