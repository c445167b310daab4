// What follows a failed call: the same model again, another one, a shorter request, or the end.

import { type ErrorCode, NatterError } from '../../src/protocol/errors.ts'
import { ATTEMPTS_MAX, backoffMs, PATIENCE_MS } from '../limits/backoff.ts'

export type NextStep =
  | { readonly type: 'retry'; readonly afterMs: number }
  /** The model could not be had; another may be. */
  | { readonly type: 'fallback' }
  /** Once more with less of the conversation. */
  | { readonly type: 'trim' }
  | { readonly type: 'fail' }

export interface FailedCall {
  readonly error: unknown
  /** Of this model, from 1. */
  readonly attempt: number
  /** Readers have seen text: asking again would bill it twice and show it twice. */
  readonly isShown: boolean
  readonly isTrimmed: boolean
}

/** Failures of the moment. Money, keys, and requests that are wrong stay what they are however often they are sent. */
const PASSING: ReadonlySet<ErrorCode> = new Set([
  'rate-limited',
  'overloaded',
  'provider-failed',
  'connection-failed',
  'timeout',
  'truncated',
])

export function nextStep({ error, attempt, isShown, isTrimmed }: FailedCall, random: () => number): NextStep {
  if (!(error instanceof NatterError) || isShown) return { type: 'fail' }
  if (error.code === 'context-exceeded') return isTrimmed ? { type: 'fail' } : { type: 'trim' }
  if (!isPassing(error)) return { type: 'fail' }
  if (error.again === false || isUnreachable(error)) return { type: 'fallback' }
  const afterMs = backoffMs(attempt, error.retryAfterMs, random)
  if (attempt >= ATTEMPTS_MAX || afterMs > PATIENCE_MS) return { type: 'fallback' }
  return { type: 'retry', afterMs }
}

/** What means nothing more than "refused" is as final as the other side says. */
function isPassing({ code, again }: NatterError): boolean {
  return PASSING.has(code) || (code === 'invalid-request' && again === true)
}

/**
 * Nothing was there to talk to: neither is it a moment later, and whoever is offline shall hear so at once. A connection
 * that was there and broke is another matter.
 */
function isUnreachable({ cause }: NatterError): boolean {
  return cause instanceof Error && 'code' in cause && UNREACHABLE.has(String(cause.code))
}

const UNREACHABLE: ReadonlySet<string> = new Set([
  'ECONNREFUSED',
  'ENOTFOUND',
  'EAI_AGAIN',
  'ETIMEDOUT',
  'EHOSTUNREACH',
  'ENETUNREACH',
  'UND_ERR_CONNECT_TIMEOUT',
])

/** Whether it says that the server is in trouble, and not this request or this key's limits. */
export function isServerTrouble(error: unknown): boolean {
  if (!(error instanceof NatterError)) return false
  return ['overloaded', 'provider-failed', 'connection-failed', 'timeout', 'truncated'].includes(error.code)
}
