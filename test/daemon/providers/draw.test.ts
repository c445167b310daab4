// Pictures that models draw, format by format.

import { expect, it } from 'vitest'
import type { ImageRequest } from '../../../daemon/providers/provider.ts'
import { createProviders } from '../../../daemon/providers/registry.ts'
import { expectFailure } from '../../contracts/provider.ts'
import { PIXEL, startAimock } from '../../helpers/aimock.ts'
import { type Reply, type Script, startByteServer } from '../../helpers/byte-server.ts'
import { endpointOf } from '../../helpers/endpoint.ts'
import type { NetworkFormat } from '../../helpers/wire.ts'

const OTTER: ImageRequest = {
  model: 'gpt-image-2',
  prompt: 'an otter',
  count: 1,
  size: null,
  quality: null,
  background: null,
  format: null,
}
const GEMINI = { ...OTTER, model: 'gemini-3.1-flash-image' }
const { signal } = new AbortController()
const USAGE = { promptTokenCount: 4, candidatesTokenCount: 1120, thoughtsTokenCount: 10 }

it.each(['openai-chat', 'openai-responses'] as const)(
  'drawImages() of %s asks a server for a picture',
  async (format) => {
    await using aimock = await startAimock()
    await using opened = open(format, aimock.baseUrls[format])
    const { images } = await opened.provider.drawImages(OTTER, { signal })
    expect(images).toEqual([{ mediaType: 'image/png', base64: PIXEL }])
  },
)

it('drawImages() of OpenAI sends what was set, in its words', async () => {
  const data = [{ b64_json: '/9j/4AAQ' }, { b64_json: 'AAAA' }]
  const usage = { input_tokens: 9, output_tokens: 1200, total_tokens: 1209 }
  const request: ImageRequest = {
    ...OTTER,
    count: 2,
    size: '1536x1024',
    quality: 'high',
    background: 'opaque',
    format: 'webp',
  }
  const { answer, bodies } = await draw('openai-responses', request, json({ data, usage, output_format: 'webp' }))
  expect(answer.images).toEqual([
    { mediaType: 'image/jpeg', base64: '/9j/4AAQ' },
    { mediaType: 'image/webp', base64: 'AAAA' },
  ])
  expect(answer.usage).toMatchObject({ inputTokens: 9, outputTokens: 1200 })
  expect(bodies).toEqual([
    {
      model: 'gpt-image-2',
      prompt: 'an otter',
      n: 2,
      size: '1536x1024',
      quality: 'high',
      background: 'opaque',
      output_format: 'webp',
    },
  ])
})

it('drawImages() of others asks for the picture itself, unless that is refused', async () => {
  const message = "Unknown parameter: 'response_format'."
  const refusal = { ...json({ error: { message, type: 'invalid_request_error' } }), status: 400 }
  const { bodies } = await draw(
    'openai-chat',
    { ...OTTER, model: 'grok-imagine' },
    refusal,
    json({ data: [{ b64_json: PIXEL }] }),
  )
  expect(bodies.map((body) => body['response_format'])).toEqual(['b64_json', undefined])
})

it('drawImages() opens no address that a server names', async () => {
  const failure = await draw('openai-chat', OTTER, json({ data: [{ url: 'http://127.0.0.1:9/cat.png' }] })).catch(
    (error: unknown) => error,
  )
  expectFailure(failure, 'protocol-error')
})

it('drawImages() of Gemini asks generateContent once, for one picture, however many are wanted', async () => {
  const parts = [
    { text: 'Here.' },
    { inlineData: { mimeType: 'image/png', data: 'ZHJhZnQ=' }, thought: true },
    { inlineData: { mimeType: 'image/jpeg', data: 'AAAA' }, thoughtSignature: 'x' },
  ]
  const reply = json({ candidates: [{ content: { parts }, finishReason: 'STOP' }], usageMetadata: USAGE })
  const { answer, bodies, paths } = await draw('gemini', { ...GEMINI, count: 2, size: '3840x2160' }, reply)
  expect(answer.images).toEqual([{ mediaType: 'image/jpeg', base64: 'AAAA' }])
  expect(answer.usage).toMatchObject({ inputTokens: 4, outputTokens: 1130, reasoningTokens: 10 })
  expect(paths[0]).toBe('/v1beta/models/gemini-3.1-flash-image:generateContent')
  expect(bodies).toHaveLength(1)
  expect(bodies[0]).toEqual({
    contents: [{ role: 'user', parts: [{ text: 'an otter' }] }],
    generationConfig: { responseModalities: ['IMAGE'], imageConfig: { aspectRatio: '16:9', imageSize: '4K' } },
  })
})

it.each([
  ['auto', undefined],
  ['1024x1024', { aspectRatio: '1:1' }],
  ['1024x1536', { aspectRatio: '2:3' }],
  ['2048x2048', { aspectRatio: '1:1', imageSize: '2K' }],
])('drawImages() of Gemini takes the size %s as %o', async (size, expected) => {
  const content = { parts: [{ inlineData: { mimeType: 'image/png', data: PIXEL } }] }
  const { bodies } = await draw('gemini', { ...GEMINI, size }, json({ candidates: [{ content }] }))
  const config = bodies[0]?.['generationConfig']
  expect(config).toEqual({
    responseModalities: ['IMAGE'],
    ...(expected === undefined ? {} : { imageConfig: expected }),
  })
})

it.each([
  [{ promptFeedback: { blockReason: 'IMAGE_SAFETY' } }, 'content-filtered'],
  [{ candidates: [{ finishReason: 'IMAGE_PROHIBITED_CONTENT' }] }, 'content-filtered'],
  [{ candidates: [{ content: { parts: [{ text: 'No.' }] }, finishReason: 'NO_IMAGE' }] }, 'provider-failed'],
] as const)('drawImages() of Gemini names what stood in the way: %o', async (body, code) => {
  const failure = await draw('gemini', GEMINI, json(body)).catch((error: unknown) => error)
  expectFailure(failure, code)
})

it('drawImages() waits for a picture as long as for the next word of an answer', async () => {
  const late: Script = (response) => {
    response.writeHead(200, { 'content-type': 'application/json' }).flushHeaders()
    setTimeout(() => response.end(JSON.stringify({ data: [{ b64_json: PIXEL }] })), 200)
  }
  await using server = await startByteServer(late)
  await using opened = open('openai-chat', server.url, { firstByte: 50 })
  expect((await opened.provider.drawImages(OTTER, { signal })).images).toHaveLength(1)
  await using impatient = open('openai-chat', server.url, { firstByte: 50, progress: 50 })
  const failure = await impatient.provider.drawImages(OTTER, { signal }).catch((error: unknown) => error)
  expectFailure(failure, 'timeout')
})

it.each(['anthropic', 'demo'] as const)('drawImages() of %s says that it draws none', async (format) => {
  await using opened = open(format, 'http://127.0.0.1:9')
  const failure = await opened.provider.drawImages(OTTER, { signal }).catch((error: unknown) => error)
  expectFailure(failure, 'invalid-request')
})

async function draw(format: NetworkFormat, request: ImageRequest, ...replies: readonly Reply[]) {
  await using server = await startByteServer(...replies)
  await using opened = open(format, server.url)
  const answer = await opened.provider.drawImages(request, { signal })
  const bodies: Record<string, unknown>[] = server.calls.map(({ body }) => JSON.parse(body))
  return { answer, bodies, paths: server.calls.map(({ path }) => path) }
}

function open(format: NetworkFormat | 'demo', baseUrl: string, timers: { firstByte?: number; progress?: number } = {}) {
  const providers = createProviders()
  const provider = providers.provider(endpointOf({ format, baseUrl }, timers))
  return { provider, [Symbol.asyncDispose]: () => providers.close() }
}

function json(body: unknown): Reply {
  return { headers: { 'content-type': 'application/json' }, chunks: [JSON.stringify(body)] }
}
