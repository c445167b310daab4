// Models, vectors and pictures through the OpenAI door.

import { createOpenAICompatible } from '@ai-sdk/openai-compatible'
import { embedMany, generateImage } from 'ai'
import { expect, it } from 'vitest'
import { type Aimock, startAimock } from '../helpers/aimock.ts'
import { all, openAiClientOf, vendorHome } from '../helpers/openai-client.ts'

const PNG = 'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg=='

function addSingles(aimock: Aimock): void {
  aimock.mock.onEmbedding(/./, { embedding: [0.25, -0.5, 1] })
  aimock.mock.onImage(/./, { image: { b64Json: PNG } })
}

it('models are listed as they are asked for, aliases too', async () => {
  await using aimock = await startAimock()
  await using home = vendorHome(aimock, { aliases: { quick: 'chat/fast-one' } })
  await using client = await openAiClientOf(home)
  const models = await all(client.sdk.models.list())
  const ids = models.map(({ id }) => id)
  expect(ids[0]).toBe('quick')
  expect(ids).toContain('demo/natter')
  expect(ids.some((id) => id.startsWith('openai/'))).toBe(false)
  const offered = ids.find((id) => id.startsWith('chat/'))
  expect(await client.sdk.models.retrieve(String(offered))).toMatchObject({
    id: offered,
    object: 'model',
    owned_by: 'chat',
  })
  const missing = await client.sdk.models.retrieve('chat/none').catch((error: unknown) => error)
  expect(missing).toMatchObject({ status: 404, code: 'model_not_found' })
})

it('vectors come as numbers, however the client wants them sent', async () => {
  await using aimock = await startAimock()
  addSingles(aimock)
  await using home = vendorHome(aimock)
  await using client = await openAiClientOf(home)
  const vector = [0.25, -0.5, 1]
  const byDefault = await client.sdk.embeddings.create({ model: 'chat/m', input: ['one', 'two'] })
  expect(byDefault).toMatchObject({ object: 'list', model: 'chat/m', data: [{ index: 0 }, { index: 1 }] })
  expect(byDefault.data.map(({ embedding }) => [...embedding])).toEqual([vector, vector])
  const asFloats = await client.sdk.embeddings.create({ model: 'chat/m', input: 'one', encoding_format: 'float' })
  expect(asFloats.data[0]?.embedding).toEqual(vector)
  const natter = createOpenAICompatible({ name: 'natter', baseURL: 'http://natterd/v1', fetch: client.fetch })
  const { embeddings } = await embedMany({ model: natter.embeddingModel('chat/m'), values: ['one'] })
  expect(embeddings).toEqual([vector])
  const tokens = await client.sdk.embeddings.create({ model: 'chat/m', input: [1, 2] }).catch((error: unknown) => error)
  expect(tokens).toMatchObject({ status: 400, code: 'unsupported_value', param: 'input' })
})

it('pictures come as base64, and never as addresses', async () => {
  await using aimock = await startAimock()
  addSingles(aimock)
  await using home = vendorHome(aimock)
  await using client = await openAiClientOf(home)
  const { data } = await client.sdk.images.generate({ model: 'chat/m', prompt: 'a dot', size: '1024x1024' })
  expect(data).toEqual([{ b64_json: PNG }])
  const natter = createOpenAICompatible({ name: 'natter', baseURL: 'http://natterd/v1', fetch: client.fetch })
  const { image } = await generateImage({ model: natter.imageModel('chat/m'), prompt: 'a dot' })
  expect(image.base64).toBe(PNG)
  const error = await client.sdk.images
    .generate({ model: 'chat/m', prompt: 'a dot', response_format: 'url' })
    .catch((failure: unknown) => failure)
  expect(error).toMatchObject({ status: 400, code: 'unsupported_value', param: 'response_format' })
})

it('vectors of a vendor that has none are refused', async () => {
  await using aimock = await startAimock()
  await using home = vendorHome(aimock)
  await using client = await openAiClientOf(home)
  const error = await client.sdk.embeddings
    .create({ model: 'claude/m', input: 'one' })
    .catch((failure: unknown) => failure)
  expect(error).toMatchObject({ status: 400, type: 'invalid_request_error' })
})
