// Failures as OpenAI's clients meet them: status, type, code, and whether they ask again by themselves.

import OpenAI from 'openai'
import { expect, it } from 'vitest'
import { startAimock } from '../helpers/aimock.ts'
import { clientOf, createHome } from '../helpers/home.ts'
import { all, eventsOf, openAiClientOf, textOfAnswer, vendorHome } from '../helpers/openai-client.ts'
import { until } from '../helpers/until.ts'

const user = (content: string) => [{ role: 'user' as const, content }]

it.each([
  ['ratelimited', 429, 'rate_limit_exceeded', OpenAI.RateLimitError],
  ['noquota', 429, 'insufficient_quota', OpenAI.RateLimitError],
  ['toolong', 400, 'context_length_exceeded', OpenAI.BadRequestError],
  ['overloaded', 503, 'server_is_overloaded', OpenAI.InternalServerError],
  ['boom', 502, 'provider_failed', OpenAI.InternalServerError],
  ['badkey', 401, 'invalid_api_key', OpenAI.AuthenticationError],
])('a vendor that says "%s" is answered %i with %s, streamed or not', async (word, status, code, kind) => {
  await using aimock = await startAimock()
  const provider = { baseUrl: aimock.baseUrls['openai-chat'], local: true }
  await using home = createHome({ providers: { first: provider, second: provider, third: provider } })
  await using client = await openAiClientOf(home)
  const { chat, responses } = client.sdk
  const messages = user(word)
  // A provider for each: one whose calls fail in a row is not asked at all for a while.
  const asked: Promise<unknown>[] = [
    chat.completions.create({ model: 'first/m', messages }),
    chat.completions.create({ model: 'second/m', messages, stream: true }),
    responses.create({ model: 'third/m', input: word }),
  ]
  const errors = await Promise.all(asked.map((answer) => answer.catch((error: unknown) => error)))
  for (const error of errors) {
    expect(error).toBeInstanceOf(kind)
    expect(error).toMatchObject({ status, code, param: null, requestID: expect.stringMatching(/^trn_/) })
  }
})

it.each(['cut', 'failing', 'unfinished'] as const)(
  'a stream that breaks off by "%s" says so in its midst, without [DONE]',
  async (scenario) => {
    await using aimock = await startAimock()
    await using home = vendorHome(aimock, { scenarios: [scenario] })
    await using client = await openAiClientOf(home)
    const body = { model: `${scenario}/m`, messages: user('tell me'), stream: true as const }
    const answer = await client.send('/v1/chat/completions', { body })
    expect(answer.statusCode).toBe(200)
    const events = eventsOf(await textOfAnswer(answer))
    expect(events).not.toContain('[DONE]')
    expect(events.join()).toContain('partial text')
    const { error } = JSON.parse(events.at(-1) ?? '{}')
    expect(error).toMatchObject({ message: expect.any(String), type: expect.any(String), code: expect.any(String) })
    const stream = await client.sdk.chat.completions.create(body)
    await expect(all(stream)).rejects.toBeInstanceOf(OpenAI.APIError)
  },
)

it('an answer that somebody else stops is told so, and asked for by no client again', async () => {
  await using aimock = await startAimock()
  await using home = vendorHome(aimock, { scenarios: ['endless'] })
  await using client = await openAiClientOf(home)
  const body = { model: 'endless/m', messages: user('tell me') }
  const whole = client.sdk.chat.completions.create(body, { maxRetries: 2 }).catch((error: unknown) => error)
  const stream = await client.send('/v1/chat/completions', { body: { ...body, stream: true } })
  const daemon = clientOf(home)
  await until(() => aimock.lab.calls.length === 2)
  const { turns } = await daemon.call('turns.list', {})
  for (const { turnId } of turns) await daemon.call('turns.cancel', { turnId })
  expect(await whole).toMatchObject({ status: 499, code: 'cancelled' })
  const events = eventsOf(await textOfAnswer(stream))
  expect(JSON.parse(String(events.at(-1)))).toMatchObject({ error: { code: 'cancelled' } })
  expect(aimock.lab.calls).toHaveLength(2)
})

it('the budget of natter is answered 402 before anyone is asked', async () => {
  await using aimock = await startAimock()
  await using home = vendorHome(aimock, {
    budget: { monthly: 0 },
    models: { 'chat/m': { inputPrice: 1, outputPrice: 1 } },
  })
  await using client = await openAiClientOf(home)
  const error = await client.sdk.chat.completions
    .create({ model: 'chat/m', messages: user('hello') })
    .catch((failure: unknown) => failure)
  expect(error).toMatchObject({ status: 402, code: 'budget_exceeded' })
  expect(aimock.requests).toEqual([])
})

it('one call may be given a limit of its own', async () => {
  await using aimock = await startAimock()
  await using home = vendorHome(aimock, { models: { 'chat/m': { inputPrice: 1_000, outputPrice: 1_000 } } })
  await using client = await openAiClientOf(home)
  const error = await client.sdk.chat.completions
    .create({ model: 'chat/m', messages: user('hello') }, { headers: { 'X-Natter-Max-Cost': '0.001' } })
    .catch((failure: unknown) => failure)
  expect(error).toMatchObject({ status: 402, code: 'budget_exceeded' })
})

it.each([
  ['a model that is not there', { model: 'nobody/none', messages: user('hi') }, 404, 'model_not_found', 'model'],
  ['no messages', { model: 'demo/natter' }, 400, 'missing_required_parameter', 'messages'],
  ['several choices', { model: 'demo/natter', messages: user('hi'), n: 2 }, 400, 'unsupported_value', 'n'],
  ['log probabilities', { messages: user('hi'), logprobs: true }, 400, 'unsupported_value', 'logprobs'],
  ['audio', { messages: user('hi'), modalities: ['text', 'audio'] }, 400, 'unsupported_value', 'modalities'],
  ['a wrong type', { messages: user('hi'), temperature: 'hot' }, 400, 'invalid_value', 'temperature'],
  ['a wrong role', { messages: [{ role: 'robot', content: 'hi' }] }, 400, 'invalid_value', 'messages[0].role'],
  [
    'a result without its call',
    { messages: [{ role: 'tool', tool_call_id: 'c', content: 'x' }] },
    400,
    'invalid_value',
    'messages[0]',
  ],
  ['malformed JSON', '{"messages": [', 400, null, null],
])('%s is refused in the shape of OpenAI', async (_name, body, status, code, param) => {
  await using home = createHome()
  await using client = await openAiClientOf(home)
  const answer = await client.send('/v1/chat/completions', { body })
  expect(answer.statusCode).toBe(status)
  expect(answer.headers['x-should-retry']).toBe('false')
  const told = JSON.parse(await textOfAnswer(answer))
  expect(Object.keys(told)).toEqual(['error'])
  expect(told.error).toMatchObject({ message: expect.any(String), type: 'invalid_request_error', code, param })
})

it('what is no request of the door is refused in its shape too', async () => {
  await using home = createHome()
  await using client = await openAiClientOf(home)
  const told = async (path: string, options?: Parameters<typeof client.send>[1]) => {
    const answer = await client.send(path, options)
    return { status: answer.statusCode, ...JSON.parse(await textOfAnswer(answer)) }
  }
  expect(await told('/v1/assistants')).toMatchObject({ status: 404, error: { code: 'unknown_url' } })
  expect(await told('/v1/chat/completions')).toMatchObject({ status: 405, error: { code: 'method_not_allowed' } })
  expect(await told('/v1/chat/completions', { body: 'x=1', headers: { 'content-type': 'text/plain' } })).toMatchObject({
    status: 415,
    error: { type: 'invalid_request_error' },
  })
  expect(
    await told('/v1/embeddings', { body: '{', headers: { 'content-length': String(65 * 1024 * 1024) } }),
  ).toMatchObject({
    status: 413,
    error: { code: 'request_too_large' },
  })
  expect(
    await told('/v1/chat/completions', {
      body: { messages: user('hi') },
      headers: { 'x-natter-cache': 'perhaps' },
    }),
  ).toMatchObject({ status: 400, error: { param: 'x-natter-cache' } })
})

it('a model name that no header can hold is answered all the same, and named in an encoded form', async () => {
  await using aimock = await startAimock()
  await using home = vendorHome(aimock)
  await using client = await openAiClientOf(home)
  const model = 'chat/мodel'
  const messages = user('think')
  for (const stream of [true, false]) {
    const answer = await client.send('/v1/chat/completions', { body: { model, messages, stream } })
    expect([answer.statusCode, answer.headers['x-natter-model']]).toEqual([200, encodeURI(model)])
    expect(await textOfAnswer(answer)).toContain(model)
  }
  const answer = await client.send('/v1/responses', { body: { model, input: 'think', stream: true } })
  expect([answer.statusCode, answer.headers['x-natter-model']]).toEqual([200, encodeURI(model)])
  expect(await textOfAnswer(answer)).toContain('response.completed')
  expect((await client.send('/v1/embeddings', { body: { model, input: 'embed' } })).statusCode).toBe(200)
  expect((await clientOf(home).call('status', {})).activeTurns).toBe(0)
})

it('messages that do not fit the model are refused, unless the client lets the oldest be left out', async () => {
  await using aimock = await startAimock()
  await using home = vendorHome(aimock, { models: { 'chat/m': { contextTokens: 2_000, outputTokens: 200 } } })
  await using client = await openAiClientOf(home)
  const messages = Array.from({ length: 21 }, (_value, index) => ({
    role: index % 2 === 0 ? 'user' : 'assistant',
    content: `${index} ${'many words here '.repeat(100)}`,
  }))
  const ask = async (path: string, wishes: object, headers: { readonly [name: string]: string } = {}) => {
    const body = path.endsWith('responses') ? { input: messages } : { messages }
    const answer = await client.send(path, { body: { model: 'chat/m', ...body, ...wishes }, headers })
    return { status: answer.statusCode, ...JSON.parse(await textOfAnswer(answer)) }
  }
  const refused = { status: 400, error: { code: 'context_length_exceeded', type: 'invalid_request_error' } }
  expect(await ask('/v1/responses', {})).toMatchObject(refused)
  expect(await ask('/v1/responses', { truncation: 'disabled' })).toMatchObject(refused)
  expect(await ask('/v1/chat/completions', {})).toMatchObject(refused)
  expect(await ask('/v1/chat/completions', {}, { 'x-natter-truncation': 'nonsense' })).toMatchObject({
    status: 400,
    error: { param: 'x-natter-truncation' },
  })
  expect(aimock.requests).toEqual([])

  const trimmed = await ask('/v1/responses', { truncation: 'auto' })
  expect(trimmed).toMatchObject({ status: 'completed', truncation: 'auto' })
  expect(await ask('/v1/chat/completions', {}, { 'x-natter-truncation': 'auto' })).toMatchObject({ status: 200 })
  expect(aimock.requests).toHaveLength(2)
  expect(await ask('/v1/responses', { input: 'think' })).toMatchObject({ truncation: 'disabled' })
})
