import { expect, it } from 'vitest'
import { fromOllamaHost } from '../../../daemon/providers/discovery.ts'
import { createProviders, type ProvidersOptions } from '../../../daemon/providers/registry.ts'
import { type Script, startByteServer } from '../../helpers/byte-server.ts'

const MODELS = {
  object: 'list',
  data: [
    { id: 'qwen3:8b', object: 'model', owned_by: 'library' },
    { id: 'big', max_model_len: 32_768 },
    { id: 'gguf', meta: { n_ctx_train: 8192 } },
    { name: 'no id' },
  ],
}
const NOWHERE = 'http://127.0.0.1:9/v1'

it('discoverLocal() names the servers that list their models', async () => {
  await using server = await startByteServer(json(MODELS))
  await using opened = open({ localBaseUrls: { ...everywhere(NOWHERE), lmstudio: `${server.url}/v1` } })
  expect(await opened.discover(null)).toEqual([
    {
      provider: 'lmstudio',
      baseUrl: `${server.url}/v1`,
      models: [
        { id: 'qwen3:8b', name: null, contextTokens: null, outputTokens: null },
        { id: 'big', name: null, contextTokens: 32_768, outputTokens: null },
        { id: 'gguf', name: null, contextTokens: 8192, outputTokens: null },
      ],
    },
  ])
  expect(server.calls[0]?.path).toBe('/v1/models')
})

it('discoverLocal() looks for Ollama where OLLAMA_HOST says', async () => {
  await using server = await startByteServer(json({ object: 'list', data: null }))
  const { host, port } = new URL(server.url)
  const { ollama: _, ...others } = everywhere(NOWHERE)
  await using opened = open({ localBaseUrls: others })
  expect(await opened.discover(host)).toMatchObject([{ provider: 'ollama', baseUrl: `${server.url}/v1`, models: [] }])
  expect(await opened.discover(`0.0.0.0:${port}`)).toMatchObject([{ baseUrl: `http://127.0.0.1:${port}/v1` }])
})

it.each<readonly [string, Script]>([
  ['another service', { headers: { 'content-type': 'text/html' }, chunks: ['<html>It works!</html>'] }],
  ['other JSON', json({ status: 'ok' })],
  ['a refusal', { status: 401, chunks: ['{"error":"Unauthorized"}'] }],
  ['silence', { chunks: [], ending: 'hang' }],
  ['half an answer', { headers: { 'content-type': 'application/json' }, chunks: ['{"data":[{"id":'], ending: 'hang' }],
])('discoverLocal() passes over %s', async (_name, script) => {
  await using server = await startByteServer(script)
  await using opened = open({ localBaseUrls: everywhere(`${server.url}/v1`) })
  expect(await opened.discover(null)).toEqual([])
})

it('discoverLocal() knocks nowhere when it is switched off', async () => {
  await using server = await startByteServer(json(MODELS))
  await using opened = open({ discover: false, localBaseUrls: everywhere(`${server.url}/v1`) })
  expect(await opened.discover(null)).toEqual([])
  expect(server.connections).toBe(0)
})

it('discoverLocal() stops when its caller does', async () => {
  await using server = await startByteServer({ chunks: [], ending: 'hang' })
  await using opened = open({ localBaseUrls: everywhere(`${server.url}/v1`) })
  const reason = new Error('stop')
  await expect(opened.discover(null, AbortSignal.abort(reason))).rejects.toBe(reason)
})

it.each([
  ['', null],
  ['192.168.1.5', 'http://192.168.1.5:11434/v1'],
  ['box:9999', 'http://box:9999/v1'],
  [':9999', 'http://127.0.0.1:9999/v1'],
  ['0.0.0.0', 'http://127.0.0.1:11434/v1'],
  ['http://0.0.0.0:80', 'http://127.0.0.1/v1'],
  ['[::]:11434', 'http://127.0.0.1:11434/v1'],
  ['https://ollama.example.com', 'https://ollama.example.com/v1'],
  ['https://example.com/ollama/', 'https://example.com/ollama/v1'],
  ['"127.0.0.1:1"', 'http://127.0.0.1:1/v1'],
  ['http://', null],
])('fromOllamaHost() reads "%s" as %o', (value, expected) => {
  expect(fromOllamaHost(value)).toBe(expected)
})

function open(options: ProvidersOptions) {
  const providers = createProviders(options)
  return {
    discover: (ollamaHost: string | null, signal: AbortSignal = new AbortController().signal) =>
      providers.discoverLocal(ollamaHost, signal),
    [Symbol.asyncDispose]: () => providers.close(),
  }
}

function everywhere(baseUrl: string) {
  return { ollama: baseUrl, lmstudio: baseUrl, llamacpp: baseUrl, vllm: baseUrl }
}

function json(value: unknown): Script {
  return { headers: { 'content-type': 'application/json' }, chunks: [JSON.stringify(value)] }
}
