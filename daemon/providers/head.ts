// What the head of an answer said, for whoever keeps the record and the limits.

import { StatusFailure } from './failures.ts'
import { parseJson, toList, toObject, toText } from './json.ts'
import type { ResponseHead, StreamOptions } from './provider.ts'
import type { HttpResponse } from './transport.ts'

type Head = Pick<HttpResponse, 'status' | 'headers'> | StatusFailure

export function reportHead(head: Head, options: StreamOptions): void {
  const { status, headers } = head
  const requestId = headers['x-request-id'] ?? headers['request-id'] ?? null
  const quotas = head instanceof StatusFailure && status === 429 ? quotasOf(head.body) : {}
  options.onHead?.({ status, requestId, headers: { ...quotas, ...headers } })
}

/** By the end of a quota's name, without what it belongs to. */
const QUOTAS: readonly (readonly [RegExp, string])[] = [
  [/RequestsPerMinute/, 'x-ratelimit-limit-requests'],
  [/InputTokens\w*PerMinute/, 'x-ratelimit-limit-input-tokens'],
]

/**
 * Gemini has no headers for limits: `google.rpc.QuotaFailure` in the body names the one that was reached. It is reported
 * as the header that others would have sent. Limits of a day are no limits of a minute, and left out.
 */
function quotasOf(body: string): ResponseHead['headers'] {
  if (!body.includes('quotaValue')) return {}
  const value: unknown = parseJson(body)
  const error = toObject(toObject(Array.isArray(value) ? value[0] : value)?.['error'])
  const violations = toList(error?.['details']).flatMap((detail) => toList(toObject(detail)?.['violations']))
  const named = violations.flatMap((violation) => {
    const quota = toObject(violation)
    const header = QUOTAS.find(([pattern]) => pattern.test(toText(quota?.['quotaId']) ?? ''))?.[1]
    const limit = String(quota?.['quotaValue'] ?? '')
    return header !== undefined && /^\d+$/.test(limit) ? [[header, limit] as const] : []
  })
  return Object.fromEntries(named)
}
