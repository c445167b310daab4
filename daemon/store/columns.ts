// Values that several tables spread over columns, to and from those columns.

import { type ErrorInfo, isErrorCode } from '../../src/protocol/errors.ts'
import type { Usage } from '../../src/protocol/stream.ts'
import type { Outcome } from './store.ts'

export interface UsageColumns {
  readonly input_tokens: number | null
  readonly output_tokens: number | null
  readonly cached_input_tokens: number | null
  readonly cache_write_tokens: number | null
  readonly reasoning_tokens: number | null
  readonly usage_estimated: number | null
}

export interface ErrorColumns {
  readonly error_code: string | null
  readonly error_message: string | null
  readonly error_hint: string | null
}

export interface OutcomeColumns extends ErrorColumns {
  readonly outcome: Outcome['type'] | null
}

export function toUsageColumns(usage: Usage | null): UsageColumns {
  return {
    input_tokens: usage?.inputTokens ?? null,
    output_tokens: usage?.outputTokens ?? null,
    cached_input_tokens: usage?.cachedInputTokens ?? null,
    cache_write_tokens: usage?.cacheWriteTokens ?? null,
    reasoning_tokens: usage?.reasoningTokens ?? null,
    usage_estimated: usage === null ? null : Number(usage.estimated),
  }
}

export function fromUsageColumns(row: UsageColumns): Usage | null {
  if (row.input_tokens === null) return null
  return {
    inputTokens: row.input_tokens,
    outputTokens: row.output_tokens ?? 0,
    cachedInputTokens: row.cached_input_tokens ?? 0,
    cacheWriteTokens: row.cache_write_tokens ?? 0,
    reasoningTokens: row.reasoning_tokens ?? 0,
    estimated: row.usage_estimated === 1,
  }
}

export function toErrorColumns(error: ErrorInfo | null): ErrorColumns {
  return {
    error_code: error?.code ?? null,
    error_message: error?.message ?? null,
    error_hint: error?.hint ?? null,
  }
}

export function fromErrorColumns(row: ErrorColumns): ErrorInfo {
  return {
    code: isErrorCode(row.error_code) ? row.error_code : 'internal',
    message: row.error_message ?? '',
    hint: row.error_hint,
  }
}

export function toOutcomeColumns(outcome: Outcome): OutcomeColumns {
  return { outcome: outcome.type, ...toErrorColumns(outcome.type === 'failed' ? outcome.error : null) }
}

export function fromOutcomeColumns(row: OutcomeColumns): Outcome | null {
  switch (row.outcome) {
    case null:
      return null
    case 'completed':
    case 'cancelled':
      return { type: row.outcome }
    case 'failed':
      return { type: 'failed', error: fromErrorColumns(row) }
  }
}
