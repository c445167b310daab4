// What vendors say when they refuse: many envelopes, one value.

import { isObject, type JsonObject, parseJson, toList, toObject, toText } from './json.ts'

export interface VendorError {
  readonly message: string
  /** `type`, `status` or `error_type`, as written. */
  readonly type: string | null
  /** `code` and every finer code in the details, as written. */
  readonly codes: readonly string[]
  /** A status that travels inside a stream whose own status was 200. */
  readonly status: number | null
  /** A wait that the body itself asks for, in milliseconds. */
  readonly retryAfterMs: number | null
}

/** Reads a body, or the data of an event, that is known to be a failure. */
export function parseVendorError(body: string): VendorError {
  const value = parseJson(body)
  return value === undefined ? plain(body) : toVendorError(value)
}

/**
 * Envelopes: `{error:{…}}` (OpenAI, Anthropic, Gemini, OpenRouter, llama.cpp), `{error:"…", code?}` (xAI, vLLM, Ollama),
 * flat `{message, type, code}` (Mistral, vLLM, the `error` event of Responses), `{detail}` (Mistral, FastAPI), `[{error}]`
 * (Gemini without alt=sse).
 */
export function toVendorError(value: unknown): VendorError {
  if (Array.isArray(value)) return toVendorError(value[0])
  if (!isObject(value)) return plain(typeof value === 'string' ? value : JSON.stringify(value ?? null))
  const inner = value['error'] ?? value['detail'] ?? value
  if (typeof inner === 'string') return { ...fromObject(value), message: inner }
  if (Array.isArray(inner)) return { ...fromObject(value), message: inner.map(complaint).join('; ') }
  return isObject(inner) ? fromObject(inner) : fromObject(value)
}

function plain(message: string): VendorError {
  return { message: message.trim(), type: null, codes: [], status: null, retryAfterMs: null }
}

function fromObject(error: JsonObject): VendorError {
  const metadata = toObject(error['metadata'])
  const details = error['details']
  const type = toText(error['type']) ?? toText(error['status']) ?? toText(metadata?.['error_type'])
  const status = typeof error['code'] === 'number' ? error['code'] : null
  return {
    message: messageOf(error),
    type,
    codes: [
      ...textsOf(error['code'], metadata?.['error_type'], metadata?.['provider_code']),
      ...textsOf(toObject(details)?.['error_code']),
      ...toList(details).flatMap(detailCodes),
    ],
    status: status !== null && status >= 400 && status < 600 ? status : null,
    retryAfterMs: retryDelay(toList(details)),
  }
}

function messageOf(error: JsonObject): string {
  const message = toText(error['message']) ?? toText(error['error'])
  if (message !== null && message !== '') return message
  return toText(error['code']) ?? toText(error['type']) ?? JSON.stringify(error)
}

/** One complaint of a validator: `{loc: ["body", "model"], msg: "…"}`. */
function complaint(value: unknown): string {
  const detail = toObject(value)
  const where = toList(detail?.['loc']).join('.')
  const message = toText(detail?.['msg']) ?? JSON.stringify(value)
  return where === '' ? message : `${where}: ${message}`
}

/** google.rpc.ErrorInfo.reason and google.rpc.QuotaFailure.violations[].quotaId. */
function detailCodes(value: unknown): readonly string[] {
  const detail = toObject(value)
  const quotas = toList(detail?.['violations']).map((violation) => toObject(violation)?.['quotaId'])
  return textsOf(detail?.['reason'], ...quotas)
}

/** google.rpc.RetryInfo.retryDelay, `"37s"` or `"1.5s"`. */
function retryDelay(details: readonly unknown[]): number | null {
  for (const detail of details) {
    const delay = toText(toObject(detail)?.['retryDelay'])
    const seconds = delay === null ? Number.NaN : Number.parseFloat(delay)
    if (seconds >= 0) return Math.ceil(seconds * 1000)
  }
  return null
}

function textsOf(...values: readonly unknown[]): readonly string[] {
  return values.filter((value): value is string => typeof value === 'string' && value !== '')
}
