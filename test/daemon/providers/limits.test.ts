// What vendors say of limits and of asking again, beside the status.

import { expect, it } from 'vitest'
import type { ResponseHead } from '../../../daemon/providers/provider.ts'
import { createProviders } from '../../../daemon/providers/registry.ts'
import type { ErrorCode } from '../../../src/protocol/errors.ts'
import { ask, collect, expectFailure } from '../../contracts/provider.ts'
import { startByteServer } from '../../helpers/byte-server.ts'
import { endpointOf } from '../../helpers/endpoint.ts'
import type { NetworkFormat } from '../../helpers/wire.ts'

const MINUTE = { quotaId: 'GenerateRequestsPerMinutePerProjectPerModel-FreeTier', quotaValue: '10' }
const TOKENS = { quotaId: 'GenerateContentInputTokensPerModelPerMinute-FreeTier', quotaValue: '250000' }
const DAY = { quotaId: 'GenerateRequestsPerDayPerProjectPerModel-FreeTier', quotaValue: '250' }

it('stream() of Gemini reports the limits that its refusal names, and how long to wait', async () => {
  const { error, head } = await refused('gemini', 429, quotas(MINUTE, TOKENS))
  expect(expectFailure(error, 'rate-limited').retryAfterMs).toBe(37_000)
  expect(head?.headers).toMatchObject({
    'x-ratelimit-limit-requests': '10',
    'x-ratelimit-limit-input-tokens': '250000',
  })
})

it('stream() of Gemini takes the limit of a day for one that no wait lifts', async () => {
  const { error, head } = await refused('gemini', 429, quotas(DAY))
  expect(expectFailure(error, 'quota-exhausted').retryAfterMs).toBeNull()
  expect(head?.headers).not.toHaveProperty('x-ratelimit-limit-requests')
})

it.each<readonly [string, number, ErrorCode, boolean | null]>([
  ['true', 418, 'invalid-request', true],
  ['true', 401, 'key-refused', true],
  ['false', 418, 'invalid-request', false],
  ['false', 429, 'rate-limited', false],
  ['FALSE', 500, 'provider-failed', false],
  ['perhaps', 418, 'invalid-request', null],
])('stream() passes on x-should-retry "%s" of status %d, which stays %s', async (said, status, code, again) => {
  const { error } = await refused('anthropic', status, { error: { type: 'some_error', message: 'x' } }, said)
  expect(expectFailure(error, code).again).toBe(again)
})

async function refused(format: NetworkFormat, status: number, body: unknown, again?: string) {
  const headers = { 'content-type': 'application/json', ...(again === undefined ? {} : { 'x-should-retry': again }) }
  await using server = await startByteServer({ status, headers, chunks: [JSON.stringify(body)] })
  const providers = createProviders()
  const provider = providers.provider(endpointOf({ format, baseUrl: server.url }))
  const { error, head } = await collect(provider, ask('m', 'x'))
  await providers.close()
  return { error, head: head as ResponseHead | null }
}

function quotas(...violations: readonly object[]) {
  const details = [
    { '@type': 'type.googleapis.com/google.rpc.QuotaFailure', violations },
    ...(violations.includes(DAY) ? [] : [{ '@type': 'type.googleapis.com/google.rpc.RetryInfo', retryDelay: '37s' }]),
  ]
  return { error: { code: 429, message: 'You exceeded your current quota', status: 'RESOURCE_EXHAUSTED', details } }
}
