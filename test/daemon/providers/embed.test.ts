// Embeddings, format by format.

import { expect, it } from 'vitest'
import type { EmbeddingRequest, ResponseHead } from '../../../daemon/providers/provider.ts'
import { createProviders } from '../../../daemon/providers/registry.ts'
import { NatterError } from '../../../src/protocol/errors.ts'
import { expectFailure } from '../../contracts/provider.ts'
import { startAimock } from '../../helpers/aimock.ts'
import { type Reply, type Script, startByteServer } from '../../helpers/byte-server.ts'
import { endpointOf, TEST_KEY } from '../../helpers/endpoint.ts'
import type { NetworkFormat } from '../../helpers/wire.ts'

const TWO: EmbeddingRequest = { model: 'text-embedding-3-small', input: ['a', 'b'], dimensions: 2 }
const ONE: EmbeddingRequest = { model: 'gemini-embedding-2', input: ['a'], dimensions: null }
const { signal } = new AbortController()

it.each(['openai-chat', 'openai-responses'] as const)('embed() of %s asks a server for vectors', async (format) => {
  await using aimock = await startAimock()
  await using opened = open(format, aimock.baseUrls[format])
  const answer = await opened.provider.embed({ ...TWO, input: ['embed me'] }, { signal })
  expect(answer.vectors).toEqual([[0.25, -0.5]])
})

it('embed() of OpenAI puts vectors into the order of the inputs, from base64 and from numbers', async () => {
  const floats = Buffer.from(new Float32Array([0.5, -2]).buffer).toString('base64')
  const data = [
    { index: 1, embedding: [3, 4] },
    { index: 0, embedding: floats },
  ]
  const heads: ResponseHead[] = []
  const { answer, call } = await embed(
    'openai-responses',
    TWO,
    json({ data, usage: { prompt_tokens: 7, total_tokens: 7 } }),
    heads,
  )
  expect(answer.vectors).toEqual([
    [0.5, -2],
    [3, 4],
  ])
  expect(answer.usage).toMatchObject({ inputTokens: 7, outputTokens: 0, estimated: false })
  expect(heads.map(({ status }) => status)).toEqual([200])
  expect(call.path).toBe('/embeddings')
  expect(call.headers.authorization).toBe(`Bearer ${TEST_KEY}`)
  expect(JSON.parse(call.body)).toEqual({
    model: 'text-embedding-3-small',
    input: ['a', 'b'],
    dimensions: 2,
    encoding_format: 'base64',
  })
})

it('embed() of Gemini asks for several at once', async () => {
  const { answer, call } = await embed('gemini', TWO, json({ embeddings: [{ values: [1, 2] }, { values: [3, 4] }] }))
  expect(answer).toEqual({
    vectors: [
      [1, 2],
      [3, 4],
    ],
    usage: null,
  })
  expect(call.path).toBe('/v1beta/models/text-embedding-3-small:batchEmbedContents')
  const model = 'models/text-embedding-3-small'
  expect(JSON.parse(call.body)).toEqual({
    requests: [
      { model, content: { parts: [{ text: 'a' }] }, outputDimensionality: 2 },
      { model, content: { parts: [{ text: 'b' }] }, outputDimensionality: 2 },
    ],
  })
})

it('embed() of Gemini asks for one by itself, and reads what it cost', async () => {
  const reply = json({ embedding: { values: [1, 2] }, usageMetadata: { promptTokenCount: 3 } })
  const { answer, call } = await embed('gemini', ONE, reply)
  expect(answer.vectors).toEqual([[1, 2]])
  expect(answer.usage?.inputTokens).toBe(3)
  expect(call.path).toBe('/v1beta/models/gemini-embedding-2:embedContent')
})

it('embed() of Gemini asks for no more at once than it takes, and adds up what the calls cost', async () => {
  const input = Array.from({ length: 250 }, (_, index) => String(index))
  const batches = [input.slice(0, 100), input.slice(100, 200), input.slice(200)]
  const replies = batches.map((batch) => {
    const embeddings = batch.map((text) => ({ values: [Number(text)] }))
    return json({ embeddings, usageMetadata: { promptTokenCount: batch.length } })
  })
  await using server = await startByteServer(...replies)
  await using opened = open('gemini', server.url)
  const answer = await opened.provider.embed({ ...ONE, input }, { signal })
  expect(answer.vectors).toEqual(input.map((text) => [Number(text)]))
  expect(answer.usage?.inputTokens).toBe(250)
  expect(server.calls.map(({ body }) => JSON.parse(body).requests.length)).toEqual([100, 100, 50])
})

it.each<readonly [NetworkFormat, unknown]>([
  ['openai-chat', { data: [{ index: 0, embedding: [1] }] }],
  [
    'openai-chat',
    {
      data: [
        { index: 5, embedding: [1] },
        { index: 0, embedding: [1] },
      ],
    },
  ],
  ['openai-chat', { data: [{ embedding: [1] }, { embedding: ['x'] }] }],
  ['gemini', { embeddings: [{ values: [1] }] }],
  ['gemini', {}],
])('embed() of %s refuses an answer that is not one vector for each input: %o', async (format, body) => {
  const failure = await embed(format, TWO, json(body)).catch((error: unknown) => error)
  expectFailure(failure, 'protocol-error')
})

it.each(['anthropic', 'demo'] as const)('embed() of %s says that there are none', async (format) => {
  await using opened = open(format, 'http://127.0.0.1:9')
  const failure = await opened.provider.embed(TWO, { signal }).catch((error: unknown) => error)
  expectFailure(failure, 'invalid-request')
})

it.each(['openai-chat', 'gemini'] as const)(
  'embed() of %s classifies a refusal and reports its head',
  async (format) => {
    const heads: ResponseHead[] = []
    const body = { error: { message: 'Slow down', code: 429, status: 'RESOURCE_EXHAUSTED' } }
    const reply = { ...json(body), status: 429, headers: { 'content-type': 'application/json', 'retry-after': '3' } }
    const failure = await embed(format, TWO, reply, heads).catch((error: unknown) => error)
    expect(expectFailure(failure, 'rate-limited').retryAfterMs).toBe(3000)
    expect(heads.map(({ status }) => status)).toEqual([429])
  },
)

it('embed() throws the reason of an abort, and a timeout where nothing comes', async () => {
  const silent: Script = () => {
    // It says nothing, for ever.
  }
  await using server = await startByteServer(silent)
  await using opened = open('openai-chat', server.url, 50)
  const failure = await opened.provider.embed(TWO, { signal }).catch((error: unknown) => error)
  expectFailure(failure, 'timeout')
  const reason = new Error('enough')
  expect(await opened.provider.embed(TWO, { signal: AbortSignal.abort(reason) }).catch((error: unknown) => error)).toBe(
    reason,
  )
})

it('embed() names an error that came with status 200', async () => {
  const failure = await embed(
    'openai-chat',
    TWO,
    json({ error: { message: 'no such model', code: 'model_not_found' } }),
  ).catch((error: unknown) => error)
  expect(failure).toBeInstanceOf(NatterError)
  expectFailure(failure, 'model-not-found')
})

async function embed(format: NetworkFormat, request: EmbeddingRequest, reply: Reply, heads: ResponseHead[] = []) {
  await using server = await startByteServer(reply)
  await using opened = open(format, server.url)
  const answer = await opened.provider.embed(request, { signal, onHead: (head) => heads.push(head) })
  const [call] = server.calls
  if (call === undefined) throw new Error('No call came')
  return { answer, call }
}

function open(format: NetworkFormat | 'demo', baseUrl: string, firstByte = 10_000) {
  const providers = createProviders()
  const provider = providers.provider(endpointOf({ format, baseUrl }, { firstByte }))
  return { provider, [Symbol.asyncDispose]: () => providers.close() }
}

function json(body: unknown): Reply {
  return { headers: { 'content-type': 'application/json' }, chunks: [JSON.stringify(body)] }
}
