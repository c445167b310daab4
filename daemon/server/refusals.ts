// What is refused before an operation sees it, in our words and with the status that HTTP has for it.

import type { IncomingMessage } from 'node:http'
import type { FastifyError } from 'fastify'
import { BOUNDS } from '../../src/protocol/bounds.ts'
import { ERROR_TRAITS, type ErrorCode, NatterError, type NatterErrorOptions } from '../../src/protocol/errors.ts'

type Headers = { readonly [name: string]: string }

/** A failure of the transport, for which HTTP has a better status than its code. */
export class RefusedRequest extends NatterError {
  readonly status: number
  readonly headers: Headers

  constructor(status: number, message: string, options: NatterErrorOptions & { readonly headers?: Headers } = {}) {
    super('invalid-request', message, options)
    this.status = status
    this.headers = options.headers ?? {}
  }
}

export function statusOf(failure: NatterError): number {
  return failure instanceof RefusedRequest ? failure.status : ERROR_TRAITS[failure.code].status
}

/** Where a client of a server can read what that takes. */
export const OPENAPI_HINT = 'See GET /api/openapi.json'

/** What the framework itself refuses, in our words. */
export function fromFramework(error: FastifyError, url: string, hint: string): NatterError {
  const status = error.statusCode ?? 500
  const refuse = (code: ErrorCode, problem: string, hint: string) =>
    new NatterError(code, `Cannot read request of ${url}: ${problem}`, { hint, cause: error })
  if (status === 413) {
    return refuse(
      'too-large',
      `it is larger than ${BOUNDS.requestBytes / 1024 / 1024} MB as JSON`,
      'Shorten the prompt, or split it over several turns; JSON writes a line end as two bytes, other control characters as six',
    )
  }
  if (status === 415) {
    return new RefusedRequest(415, `Cannot read request of ${url}: its content type must be application/json`, {
      hint: 'Send the header "content-type: application/json" and a JSON object',
      cause: error,
    })
  }
  if (status < 500) return refuse('invalid-request', error.message, hint)
  return new NatterError('internal', `Cannot answer ${url}: ${error.message}`, {
    hint: 'Run "natter daemon logs" for the details',
    cause: error,
  })
}

/** What HTTP itself forbids though it can be read; null where there is nothing of it. https://www.rfc-editor.org/rfc/rfc9110 */
export function unacceptable({ httpVersion, headers }: IncomingMessage): RefusedRequest | null {
  if (headers.host === undefined && httpVersion === '1.1') {
    return new RefusedRequest(400, 'Cannot read request: it has no header "host"', { hint: 'Send "host: natterd"' })
  }
  const { expect } = headers
  if (expect === undefined || /\b100-continue\b/i.test(expect)) return null
  return new RefusedRequest(417, `Cannot read request: it expects "${expect.slice(0, 80)}", which is not known here`, {
    hint: 'Leave out the header "expect"',
  })
}

export function noRoute(method: string, url: string, hint: string): NatterError {
  return new NatterError('not-found', `There is no ${method} ${url}`, { hint })
}

/** For a path that is not there, or not under this method. */
export function notFound(method: string, url: string, allowed: string | undefined): NatterError {
  if (allowed === undefined) return noRoute(method, url, OPENAPI_HINT)
  return new RefusedRequest(405, `There is no ${method} ${url}: it takes ${allowed} only`, {
    hint: `Use ${allowed}`,
    headers: { allow: allowed },
  })
}
