// Every failure a user may meet: one closed list of codes and what each of them means to the outside.

export const ERROR_CODES = [
  'usage',
  'invalid-request',
  'not-found',
  'ambiguous',
  'conflict',
  'too-large',
  'key-missing',
  'key-refused',
  'permission-denied',
  'quota-exhausted',
  'rate-limited',
  'queue-full',
  'over-budget',
  'overloaded',
  'context-exceeded',
  'content-filtered',
  'model-not-found',
  'timeout',
  'connection-failed',
  'truncated',
  'protocol-error',
  'provider-failed',
  'interrupted',
  'daemon-unreachable',
  'storage-full',
  'storage-failed',
  'store-newer',
  'internal',
] as const

export type ErrorCode = (typeof ERROR_CODES)[number]

export interface ErrorTraits {
  /** The status of an HTTP answer that carries it. */
  readonly status: number
  /** The exit code of a command that ends with it. */
  readonly exitCode: number
  /** Whether the same request may succeed when sent again a little later. */
  readonly retryable: boolean
}

export const ERROR_TRAITS: { readonly [Code in ErrorCode]: ErrorTraits } = {
  usage: { status: 400, exitCode: 2, retryable: false },
  'invalid-request': { status: 400, exitCode: 1, retryable: false },
  'not-found': { status: 404, exitCode: 1, retryable: false },
  ambiguous: { status: 409, exitCode: 2, retryable: false },
  conflict: { status: 409, exitCode: 1, retryable: false },
  'too-large': { status: 413, exitCode: 1, retryable: false },
  'key-missing': { status: 401, exitCode: 3, retryable: false },
  'key-refused': { status: 401, exitCode: 3, retryable: false },
  'permission-denied': { status: 403, exitCode: 3, retryable: false },
  'quota-exhausted': { status: 402, exitCode: 4, retryable: false },
  'rate-limited': { status: 429, exitCode: 4, retryable: true },
  'queue-full': { status: 503, exitCode: 4, retryable: true },
  'over-budget': { status: 402, exitCode: 5, retryable: false },
  overloaded: { status: 503, exitCode: 4, retryable: true },
  'context-exceeded': { status: 400, exitCode: 6, retryable: false },
  'content-filtered': { status: 400, exitCode: 6, retryable: false },
  'model-not-found': { status: 404, exitCode: 1, retryable: false },
  timeout: { status: 504, exitCode: 124, retryable: true },
  'connection-failed': { status: 502, exitCode: 1, retryable: true },
  truncated: { status: 502, exitCode: 1, retryable: true },
  'protocol-error': { status: 502, exitCode: 1, retryable: false },
  'provider-failed': { status: 502, exitCode: 1, retryable: true },
  interrupted: { status: 503, exitCode: 1, retryable: true },
  'daemon-unreachable': { status: 503, exitCode: 7, retryable: true },
  'storage-full': { status: 507, exitCode: 1, retryable: true },
  'storage-failed': { status: 500, exitCode: 1, retryable: false },
  'store-newer': { status: 500, exitCode: 1, retryable: false },
  internal: { status: 500, exitCode: 1, retryable: false },
}

/** An error as it crosses the socket and as it is stored: plain data. */
export interface ErrorInfo {
  readonly code: ErrorCode
  readonly message: string
  readonly hint: string | null
  /** How long the other side asked to wait, in milliseconds. */
  readonly retryAfterMs?: number
}

export interface NatterErrorOptions {
  /** What to type or do next, imperative. */
  readonly hint?: string | null
  readonly cause?: unknown
  /** How long the other side asked to wait, in milliseconds. */
  readonly retryAfterMs?: number
  /** What the other side said of asking again; null: nothing. */
  readonly again?: boolean | null
}

/** The one error that reaches users. Its message says what was being done, with what, how it is and how it should be. */
export class NatterError extends Error {
  readonly code: ErrorCode
  readonly hint: string | null
  readonly retryAfterMs: number | null
  /** What the other side said of asking again; null: nothing. It is heeded where it is heard, and not passed on. */
  readonly again: boolean | null

  constructor(code: ErrorCode, message: string, options: NatterErrorOptions = {}) {
    super(message, 'cause' in options ? { cause: options.cause } : {})
    this.name = 'NatterError'
    this.code = code
    this.hint = options.hint ?? null
    this.retryAfterMs = options.retryAfterMs ?? null
    this.again = options.again ?? null
  }
}

export function isErrorCode(value: unknown): value is ErrorCode {
  return typeof value === 'string' && Object.hasOwn(ERROR_TRAITS, value)
}

/** Plain data of any thrown value; what is not a NatterError is a fault of ours. */
export function toErrorInfo(error: unknown): ErrorInfo {
  if (error instanceof NatterError) {
    const { code, message, hint, retryAfterMs } = error
    return { code, message, hint, ...(retryAfterMs === null ? {} : { retryAfterMs }) }
  }
  const message = error instanceof Error ? error.message : String(error)
  return {
    code: 'internal',
    message: `Unexpected failure: ${message}`,
    hint: 'Run "natter daemon logs" for the details',
  }
}

export function fromErrorInfo(info: ErrorInfo): NatterError {
  const { code, message, hint, retryAfterMs } = info
  return new NatterError(code, message, { hint, ...(retryAfterMs === undefined ? {} : { retryAfterMs }) })
}
