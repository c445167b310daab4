// Lists of models as the servers give them.

import { expect, it } from 'vitest'
import { PRESETS } from '../../../daemon/providers/presets.ts'
import { createProviders } from '../../../daemon/providers/registry.ts'
import { expectFailure } from '../../contracts/provider.ts'
import { startByteServer } from '../../helpers/byte-server.ts'
import { endpointOf, TEST_KEY } from '../../helpers/endpoint.ts'
import type { NetworkFormat } from '../../helpers/wire.ts'

const CASES: readonly (readonly [NetworkFormat, unknown, string, unknown])[] = [
  ['openai-responses', { data: [{ id: 'gpt-6', object: 'model' }] }, '/models', model('gpt-6')],
  [
    'openai-chat',
    { data: [{ id: 'x/y', name: 'Y', context_length: 128_000, top_provider: { max_completion_tokens: 8000 } }] },
    '/models',
    model('x/y', 'Y', 128_000, 8000),
  ],
  [
    'openai-chat',
    { data: [{ id: 'llama', context_window: 131_072, max_completion_tokens: 32_768 }] },
    '/models',
    model('llama', null, 131_072, 32_768),
  ],
  [
    'anthropic',
    { data: [{ id: 'claude-opus-5-5', display_name: 'Opus', max_input_tokens: 1_000_000, max_tokens: 64_000 }] },
    '/v1/models?limit=1000',
    model('claude-opus-5-5', 'Opus', 1_000_000, 64_000),
  ],
  [
    'gemini',
    { models: [{ name: 'models/gemini-3.8-flash', inputTokenLimit: 1_048_576, outputTokenLimit: 65_536 }] },
    '/v1beta/models?pageSize=1000',
    model('gemini-3.8-flash', null, 1_048_576, 65_536),
  ],
]

it.each(CASES)('listModels() of %s reads %o', async (format, answer, path, expected) => {
  await using server = await startByteServer(json(answer))
  await using opened = open(format, server.url)
  expect(await opened.list()).toEqual([expected])
  expect(server.calls[0]?.path).toBe(path)
  expect(JSON.stringify(server.calls[0]?.headers)).toContain(TEST_KEY)
})

it('listModels() fails as a turn would', async () => {
  await using server = await startByteServer({ status: 401, chunks: ['{"error":{"message":"no"}}'] })
  await using opened = open('openai-chat', server.url)
  const error = await opened.list().catch((thrown: unknown) => thrown)
  expectFailure(error, 'key-refused')
})

it('listModels() refuses what is no list', async () => {
  await using server = await startByteServer({ chunks: ['<html></html>'] })
  await using opened = open('gemini', server.url)
  const error = await opened.list().catch((thrown: unknown) => thrown)
  expectFailure(error, 'protocol-error')
})

it('PRESETS are complete', () => {
  for (const [name, preset] of Object.entries(PRESETS)) {
    expect(URL.canParse(preset.baseUrl), name).toBe(true)
    expect(preset.local || preset.keyVariables.length > 0, name).toBe(true)
    expect(preset.timers.total, name).toBe(900_000)
  }
})

function open(format: NetworkFormat, baseUrl: string) {
  const providers = createProviders()
  const provider = providers.provider(endpointOf({ format, baseUrl }))
  return {
    list: () => provider.listModels(new AbortController().signal),
    [Symbol.asyncDispose]: () => providers.close(),
  }
}

function model(
  id: string,
  name: string | null = null,
  contextTokens: number | null = null,
  outputTokens: number | null = null,
) {
  return { id, name, contextTokens, outputTokens }
}

function json(value: unknown) {
  return { headers: { 'content-type': 'application/json' }, chunks: [JSON.stringify(value)] }
}
