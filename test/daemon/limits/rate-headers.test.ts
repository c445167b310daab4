import { expect, it } from 'vitest'
import { readRateHeaders } from '../../../daemon/limits/rate-headers.ts'

it('readRateHeaders() reads those of OpenAI', () => {
  const headers = {
    'x-ratelimit-limit-requests': '3500',
    'x-ratelimit-remaining-requests': '3499',
    'x-ratelimit-reset-requests': '17ms',
    'x-ratelimit-limit-tokens': '150000',
    'x-ratelimit-remaining-tokens': '149984',
    'x-ratelimit-reset-tokens': '6m0s',
  }
  expect(readRateHeaders(headers)).toEqual({
    requests: { limit: 3_500, remaining: 3_499, resetMs: 17 },
    tokens: { limit: 150_000, remaining: 149_984, resetMs: 360_000 },
  })
})

it.each([
  ['1s', 1_000],
  ['12ms', 12],
  ['2m59.56s', 179_560],
  ['1h0m1s', 3_601_000],
  ['1d', 86_400_000],
  ['7.5', 7_500],
  ['2026-11-22T12:00:02Z', 2_000],
  ['2026-11-22T11:00:00Z', 0],
  ['soon', undefined],
  ['', undefined],
])('readRateHeaders() reads the reset "%s"', (reset, resetMs) => {
  const headers = { 'x-ratelimit-limit-requests': '9', 'x-ratelimit-reset-requests': reset }
  expect(readRateHeaders(headers, Date.parse('2026-11-22T12:00:00Z')).requests?.resetMs).toBe(resetMs)
})

it('readRateHeaders() takes the tighter of a project and its organisation', () => {
  const headers = {
    'x-ratelimit-limit-tokens': '150000',
    'x-ratelimit-remaining-tokens': '140000',
    'x-ratelimit-limit-project-tokens': '50000',
    'x-ratelimit-remaining-project-tokens': '100',
  }
  expect(readRateHeaders(headers).tokens).toEqual({ limit: 50_000, remaining: 100 })
})

it('readRateHeaders() reads those of Anthropic', () => {
  const headers = {
    'anthropic-ratelimit-requests-limit': '50',
    'anthropic-ratelimit-requests-remaining': '49',
    'anthropic-ratelimit-requests-reset': '2026-11-22T12:00:01Z',
    'anthropic-ratelimit-tokens-limit': '38000',
    'anthropic-ratelimit-tokens-remaining': '37000',
    'anthropic-ratelimit-input-tokens-limit': '30000',
    'anthropic-ratelimit-input-tokens-remaining': '29000',
    'anthropic-ratelimit-output-tokens-limit': '8000',
    'anthropic-ratelimit-output-tokens-remaining': '8000',
  }
  expect(readRateHeaders(headers, Date.parse('2026-11-22T12:00:00Z'))).toEqual({
    requests: { limit: 50, remaining: 49, resetMs: 1_000 },
    inputTokens: { limit: 30_000, remaining: 29_000 },
    outputTokens: { limit: 8_000, remaining: 8_000 },
  })
})

it.each(['-1', '0', '', 'many', '1e3', undefined])('readRateHeaders() takes a limit of %o for none', (limit) => {
  const headers = { 'x-ratelimit-remaining-requests': '0', ...(limit === undefined ? {} : limitOf(limit)) }
  const { requests } = readRateHeaders(headers)
  if (limit === '-1' || limit === '0') expect(requests).toBeUndefined()
  else expect(requests).toEqual({ limit: null, remaining: 0 })
})

it('readRateHeaders() reads the input tokens of Gemini, as its provider reports them', () => {
  expect(readRateHeaders({ 'x-ratelimit-limit-input-tokens': '250000' })).toEqual({
    inputTokens: { limit: 250_000, remaining: null },
  })
})

it('readRateHeaders() reads nothing from a head that says nothing', () => {
  expect(readRateHeaders({ 'content-type': 'text/event-stream' })).toEqual({})
})

function limitOf(limit: string) {
  return { 'x-ratelimit-limit-requests': limit }
}
