// Who leaves is not answered on: whatever the phase, no call stays open at the vendor.

import type { IncomingMessage } from 'node:http'
import { expect, it } from 'vitest'
import { type Aimock, startAimock } from '../helpers/aimock.ts'
import { FLOOD, startFlood } from '../helpers/flood.ts'
import { clientOf, createHome, type Home } from '../helpers/home.ts'
import type { LabCall } from '../helpers/lab.ts'
import { eventsOf, type OpenAiClient, openAiClientOf, textOfAnswer, vendorHome } from '../helpers/openai-client.ts'
import { until } from '../helpers/until.ts'

const messages = [{ role: 'user' as const, content: 'tell me' }]

async function activeTurns(home: Home): Promise<number> {
  return (await clientOf(home).call('status', {})).activeTurns
}

/** Sends, and answers how to leave. */
function ask(client: OpenAiClient, body: object, path = '/v1/chat/completions') {
  const leaving = new AbortController()
  const answer = client.send(path, { body, signal: leaving.signal })
  answer.catch(() => {})
  return { answer, leave: () => leaving.abort() }
}

async function allClosed(calls: readonly LabCall[]): Promise<void> {
  await Promise.all(calls.map((call) => call.closed))
}

it.each([
  ['a stream', '/v1/chat/completions', { messages, stream: true }],
  ['a whole answer', '/v1/chat/completions', { messages }],
  ['a stream of responses', '/v1/responses', { input: 'tell me', stream: true }],
  ['a whole response', '/v1/responses', { input: 'tell me' }],
])('%s that is left before its first byte ends its call', async (_name, path, body) => {
  await using aimock = await startAimock()
  await using home = vendorHome(aimock, { scenarios: ['silent'] })
  await using client = await openAiClientOf(home)
  const next = aimock.lab.nextCall()
  const asked = ask(client, { model: 'silent/m', ...body }, path)
  const call = await next
  asked.leave()
  await call.closed
  await until(async () => (await activeTurns(home)) === 0)
})

it.each([
  ['chat/completions', { messages }],
  ['responses', { input: 'tell me' }],
])('a stream of %s that is left in its midst ends its call', async (path, body) => {
  await using aimock = await startAimock()
  await using home = vendorHome(aimock, { scenarios: ['endless'] })
  await using client = await openAiClientOf(home)
  const next = aimock.lab.nextCall()
  const asked = ask(client, { model: 'endless/m', stream: true, ...body }, `/v1/${path}`)
  const answer = await asked.answer
  answer.on('error', () => {})
  await new Promise((resolve) => answer.once('data', resolve))
  asked.leave()
  await (await next).closed
  await until(async () => (await activeTurns(home)) === 0)
})

it('a whole answer that is left while it is written ends its call', async () => {
  await using aimock = await startAimock()
  await using home = vendorHome(aimock, { scenarios: ['endless'] })
  await using client = await openAiClientOf(home)
  const next = aimock.lab.nextCall()
  const asked = ask(client, { model: 'endless/m', messages })
  const call = await next
  asked.leave()
  await call.closed
  await until(async () => (await activeTurns(home)) === 0)
})

it.each([
  ['embeddings', { input: 'one' }],
  ['images/generations', { prompt: 'a dot' }],
])('a call for %s that is left ends', async (path, body) => {
  await using aimock = await startAimock()
  await using home = vendorHome(aimock, { scenarios: ['silent'] })
  await using client = await openAiClientOf(home)
  const next = aimock.lab.nextCall()
  const asked = ask(client, { model: 'silent/m', ...body }, `/v1/${path}`)
  const call = await next
  asked.leave()
  await call.closed
})

it('who leaves the queue is asked for nowhere', async () => {
  await using aimock = await startAimock()
  await using home = vendorHome(aimock, { scenarios: ['silent'], limits: { silent: { concurrent: 1 } } })
  await using client = await openAiClientOf(home)
  const next = aimock.lab.nextCall()
  const first = ask(client, { model: 'silent/m', messages, stream: true })
  const call = await next
  const second = ask(client, { model: 'silent/m', messages, stream: true })
  await until(async () => (await activeTurns(home)) === 2)
  second.leave()
  await until(async () => (await activeTurns(home)) === 1)
  first.leave()
  await call.closed
  await until(async () => (await activeTurns(home)) === 0)
  expect(aimock.lab.calls).toHaveLength(1)
})

it('twenty clients that are cut before the first byte leave no call open', async () => {
  await using aimock = await startAimock()
  await using home = vendorHome(aimock, { scenarios: ['silent'] })
  await using client = await openAiClientOf(home)
  const asked = Array.from({ length: 20 }, () => ask(client, { model: 'silent/m', messages, stream: true }))
  await until(() => aimock.lab.calls.length === 20)
  for (const { leave } of asked) leave()
  await allClosed(aimock.lab.calls)
  await until(async () => (await activeTurns(home)) === 0)
})

it('twenty clients that read nothing and leave, leave no call open', async () => {
  await using vendor = await startFlood()
  await using home = createHome({ providers: { flood: { baseUrl: vendor.baseUrl, local: true } } })
  await using client = await openAiClientOf(home)
  const asked = Array.from({ length: 20 }, () => ask(client, { model: 'flood/m', messages, stream: true }))
  const answers: IncomingMessage[] = await Promise.all(asked.map(({ answer }) => answer))
  for (const answer of answers) answer.pause().on('error', () => {})
  await until(() => vendor.flooded === 20)
  expect(vendor.open).toBe(20)
  for (const { leave } of asked) leave()
  await until(() => vendor.open === 0)
  await until(async () => (await activeTurns(home)) === 0)
})

it('who reads slowly gets all of it, once and in order', async () => {
  await using vendor = await startFlood()
  await using home = createHome({ providers: { flood: { baseUrl: vendor.baseUrl, local: true } } })
  await using client = await openAiClientOf(home)
  const answer = await ask(client, { model: 'flood/m', messages, stream: true }).answer
  answer.pause()
  await until(() => vendor.flooded === 1)
  vendor.finish()
  await until(async () => (await activeTurns(home)) === 0)
  const events = eventsOf(await textOfAnswer(answer))
  expect(events.pop()).toBe('[DONE]')
  const text = events.map((event) => JSON.parse(event).choices[0].delta.content ?? '').join('')
  expect(text === FLOOD).toBe(true)
})

it('who named a conversation may leave: the answer goes on and is kept', async () => {
  await using aimock = await startAimock()
  await using home = vendorHome(aimock)
  await using client = await openAiClientOf(home)
  const leaving = new AbortController()
  const answer = await client.send('/v1/chat/completions', {
    body: { model: 'chat/m', messages: [{ role: 'user', content: 'hello' }], stream: true },
    headers: { 'x-natter-conversation': 'new' },
    signal: leaving.signal,
  })
  answer.on('error', () => {})
  const conversationId = String(answer.headers['x-natter-conversation'])
  leaving.abort()
  const daemon = clientOf(home)
  await until(async () => {
    const { messages: kept } = await daemon.call('messages.list', { conversationId: conversationId as never })
    return kept.at(-1)?.outcome?.type === 'completed'
  })
  const { messages: kept } = await daemon.call('messages.list', { conversationId: conversationId as never })
  expect(kept.map(({ parts }) => parts[0])).toEqual([
    { type: 'text', text: 'hello' },
    { type: 'text', text: 'Hello from aimock, streamed in small pieces.' },
  ])
})

it('an upstream call is ended when the SDK is told to stop', async () => {
  await using aimock: Aimock = await startAimock()
  await using home = vendorHome(aimock, { scenarios: ['endless'] })
  await using client = await openAiClientOf(home)
  const next = aimock.lab.nextCall()
  const stream = await client.sdk.chat.completions.create({ model: 'endless/m', messages, stream: true })
  for await (const _chunk of stream) break
  await (await next).closed
  await until(async () => (await activeTurns(home)) === 0)
})
