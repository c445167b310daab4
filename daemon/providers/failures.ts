// From what a server answered, or did not, to the one error that users meet.

import { type ErrorCode, NatterError } from '../../src/protocol/errors.ts'
import { classify } from './classify.ts'
import { harmless, toConnectionFailure } from './connection-failure.ts'
import type { Endpoint } from './provider.ts'
import { createRedact, oneLine } from './redact.ts'
import { retryAfterOf } from './retry-after.ts'
import { parseVendorError, type VendorError } from './vendor-error.ts'

/** A server's answer that is no success; adapters throw it, the exchange translates it. */
export class StatusFailure extends Error {
  readonly status: number
  readonly headers: { readonly [name: string]: string }
  readonly body: string

  constructor(status: number, headers: { readonly [name: string]: string }, body: string) {
    super(`status ${status}`)
    this.status = status
    this.headers = headers
    this.body = body
  }
}

/** A failure that the vendor reported inside a stream of status 200. */
export class StreamFailure extends Error {
  readonly error: VendorError

  constructor(error: VendorError) {
    super(error.message)
    this.error = error
  }
}

/** What came was no answer of the format that was asked for. */
export class GarbageFailure extends Error {}

export interface Failures {
  /** The NatterError for whatever an adapter threw. */
  translate(error: unknown): NatterError
  /** The stream ended without its end mark; the cause is what the connection said, null where it ended in order. */
  truncated(cause: unknown): NatterError
}

/** Whether an error already says what went wrong, as opposed to a connection that broke. */
export function isReported(error: unknown): boolean {
  return error instanceof NatterError || error instanceof StreamFailure || error instanceof GarbageFailure
}

const RAW_MAX = 4096
const QUOTE_MAX = 400
const GARBAGE_MAX = 200

export function createFailures(endpoint: Endpoint, model: string): Failures {
  const redact = createRedact(endpoint)
  return { translate, truncated }

  function translate(error: unknown): NatterError {
    if (error instanceof NatterError) return error
    if (error instanceof StatusFailure) return fromStatus(error)
    if (error instanceof StreamFailure) return refused(error.error, error.error.status, {}, error.message)
    if (error instanceof GarbageFailure) return garbage(error.message)
    return toConnectionFailure(error, endpoint, redact)
  }

  function truncated(cause: unknown): NatterError {
    const message = `Cannot finish the answer of "${model}": ${from()} ended it without its end mark`
    return new NatterError('truncated', message, {
      hint: 'Ask again',
      ...(cause === null ? {} : { cause: harmless(cause, redact) }),
    })
  }

  function fromStatus(failure: StatusFailure): NatterError {
    return refused(parseVendorError(failure.body), failure.status, failure.headers, failure.body)
  }

  function refused(
    error: VendorError,
    status: number | null,
    headers: StatusFailure['headers'],
    raw: string,
  ): NatterError {
    const said = quote(error.message)
    const { code, how, hint } = classify({ ...error, status: status ?? error.status }, endpoint, model)
    const again = againOf(headers)
    const retryAfterMs =
      waits(code) || again === true
        ? retryAfterOf({ headers, stated: error.retryAfterMs, message: error.message }, Date.now())
        : null
    const mark = status === null ? '' : `${status}`
    const detail = [mark, said].filter((part) => part !== '').join(': ')
    return new NatterError(code, `Cannot get an answer from ${from()}: ${how}${detail === '' ? '' : ` (${detail})`}`, {
      hint,
      cause: new Error(redact(raw).slice(0, RAW_MAX)),
      again,
      ...(retryAfterMs === null ? {} : { retryAfterMs }),
    })
  }

  function garbage(sample: string): NatterError {
    const shown = redact(oneLine(sample)).slice(0, GARBAGE_MAX)
    const message = `Cannot read the answer of ${from()}: it is not in the format "${endpoint.format}": ${shown}`
    return new NatterError('protocol-error', message, { hint: 'Check the base URL and the format of that provider' })
  }

  function from(): string {
    return `"${endpoint.provider}"`
  }

  function quote(text: string): string {
    const line = redact(oneLine(text))
    return line.length > QUOTE_MAX ? `${line.slice(0, QUOTE_MAX)}…` : line
  }
}

function waits(code: ErrorCode): boolean {
  return code === 'rate-limited' || code === 'overloaded' || code === 'provider-failed'
}

/** OpenAI and Anthropic say in a header whether the same request may do better; their own clients go by it. */
function againOf(headers: StatusFailure['headers']): boolean | null {
  const said = headers['x-should-retry']?.trim().toLowerCase()
  return said === 'true' || said === 'false' ? said === 'true' : null
}
