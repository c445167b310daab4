// The OpenAI door over TCP, where each request needs a token.

import OpenAI from 'openai'
import { expect, it } from 'vitest'
import { createId } from '../../src/protocol/ids.ts'
import { startAimock } from '../helpers/aimock.ts'
import type { Home } from '../helpers/home.ts'
import { all, openAiClientOf, vendorHome } from '../helpers/openai-client.ts'

const messages = [{ role: 'user' as const, content: 'think' }]

async function serve(home: Home): Promise<{ readonly url: string; readonly token: string }> {
  const { stdout, stderr } = await home.run(['serve', '--port', '0', '--json'])
  if (stdout === '') throw new Error(stderr)
  return JSON.parse(stdout)
}

const sdkOf = (url: string, apiKey: string) => new OpenAI({ baseURL: new URL('/v1', url).href, apiKey, maxRetries: 0 })

it('a program with the token of natter serve asks any model', async () => {
  await using aimock = await startAimock()
  await using home = vendorHome(aimock)
  const { url, token } = await serve(home)
  const sdk = sdkOf(url, token)
  const { choices } = await sdk.chat.completions.create({ model: 'claude/m', messages })
  expect(choices[0]?.message.content).toBe('The answer is 42.')
  const chunks = await all(await sdk.chat.completions.create({ model: 'chat/m', messages, stream: true }))
  expect(chunks.map((chunk) => chunk.choices[0]?.delta.content ?? '').join('')).toBe('The answer is 42.')
  expect((await all(sdk.models.list())).map(({ id }) => id)).toContain('demo/natter')
})

it('without the token nothing below /v1 answers, not even that it is not there', async () => {
  await using aimock = await startAimock()
  await using home = vendorHome(aimock)
  const { url, token } = await serve(home)
  const wrong = await sdkOf(url, 'wrong')
    .chat.completions.create({ model: 'chat/m', messages })
    .catch((error) => error)
  expect(wrong).toMatchObject({ status: 401, code: 'invalid_api_key' })
  const told = async (path: string, headers: Record<string, string>) => {
    const answer = await fetch(new URL(path, url), { headers })
    return { status: answer.status, ...((await answer.json()) as object) }
  }
  expect(await told('/v1/nothing', {})).toMatchObject({ status: 401, error: { code: 'invalid_api_key' } })
  const authorization = `Bearer ${token}`
  expect(await told('/v1/nothing', { authorization })).toMatchObject({ status: 404, error: { code: 'unknown_url' } })
  expect(await told('/v1/models/none', { authorization })).toMatchObject({
    status: 404,
    error: { code: 'model_not_found' },
  })
})

it('a device names its conversations whole: parts of names would tell it of others', async () => {
  await using aimock = await startAimock()
  await using home = vendorHome(aimock)
  await using owner = await openAiClientOf(home)
  const headers = { 'X-Natter-Conversation': 'new' }
  await owner.sdk.chat.completions.create({ model: 'chat/m', messages }, { headers })
  const { url, token } = await serve(home)
  const error = await sdkOf(url, token)
    .chat.completions.create({ model: 'chat/m', messages }, { headers: { 'X-Natter-Conversation': 'think' } })
    .catch((failure: unknown) => failure)
  expect(error).toMatchObject({ status: 400, param: 'x-natter-conversation' })
})

it('a device writes into conversations that it opened itself, and hears of no others', async () => {
  await using aimock = await startAimock()
  await using home = vendorHome(aimock)
  await using owner = await openAiClientOf(home)
  const { url, token } = await serve(home)
  const askIn = async (sdk: OpenAI, conversation: string) => {
    const headers = { 'X-Natter-Conversation': conversation }
    const { response } = await sdk.chat.completions.create({ model: 'chat/m', messages }, { headers }).withResponse()
    return response.headers.get('x-natter-conversation') ?? ''
  }
  const device = sdkOf(url, token)
  const own = await askIn(device, 'new')
  expect(await askIn(device, own)).toBe(own)
  expect(await askIn(owner.sdk, own)).toBe(own)
  const ofOwner = await askIn(owner.sdk, 'new')
  const told = async (conversation: string) => {
    const error = await askIn(device, conversation).catch((failure: unknown) => failure)
    if (!(error instanceof OpenAI.APIError)) throw new TypeError('it was answered')
    return [error.status, error.code, error.message.replace(conversation, 'X')]
  }
  const unknown = createId('cnv')
  const refusal = await told(ofOwner)
  expect(refusal.slice(0, 2)).toEqual([404, 'not_found'])
  expect(refusal).toEqual(await told(unknown))
})

it('a revoked token ends its streams, and their calls', async () => {
  await using aimock = await startAimock()
  await using home = vendorHome(aimock, { scenarios: ['endless'] })
  const { url, token } = await serve(home)
  const next = aimock.lab.nextCall()
  const stream = await sdkOf(url, token).chat.completions.create({ model: 'endless/m', messages, stream: true })
  const reading = all(stream).then(
    () => 'ended',
    () => 'broken',
  )
  const call = await next
  await home.run(['devices', 'rm', 'serve'])
  await call.closed
  expect(await reading).toBe('broken')
})
