// What goes out on the wire, format by format, seen by the server.

import { expect, it } from 'vitest'
import { DEFAULT_MAX_TOKENS } from '../../../daemon/providers/anthropic/body.ts'
import { type Endpoint, type ProviderRequest, textOfMessage, toMessage } from '../../../daemon/providers/provider.ts'
import { createProviders } from '../../../daemon/providers/registry.ts'
import { ask, collect } from '../../contracts/provider.ts'
import { type ByteCall, type Reply, startByteServer } from '../../helpers/byte-server.ts'
import { endpointOf, TEST_KEY } from '../../helpers/endpoint.ts'
import { type NetworkFormat, WIRES } from '../../helpers/wire.ts'

const TALK: ProviderRequest = {
  model: 'm-1',
  system: 'Be brief.',
  messages: [toMessage('user', 'one'), toMessage('assistant', 'two'), toMessage('user', 'three')],
  parameters: {},
}
const ALL: ProviderRequest['parameters'] = {
  temperature: 0.5,
  topP: 0.9,
  maxOutputTokens: 100,
  stop: ['END'],
  seed: 7,
  reasoningEffort: 'high',
  extra: { custom: { deep: true } },
}

it('Chat Completions gets only what was set', async () => {
  const { body, call } = await sent('openai-chat', TALK)
  expect(body).toEqual({
    model: 'm-1',
    messages: [
      { role: 'system', content: 'Be brief.' },
      { role: 'user', content: 'one' },
      { role: 'assistant', content: 'two' },
      { role: 'user', content: 'three' },
    ],
    stream: true,
    stream_options: { include_usage: true },
  })
  expect(call.path).toBe('/v1/chat/completions')
  expect(call.headers.authorization).toBe(`Bearer ${TEST_KEY}`)
})

it('Chat Completions gets every parameter, and extras at the top', async () => {
  const { body } = await sent('openai-chat', { ...TALK, parameters: ALL })
  expect(body).toMatchObject({
    temperature: 0.5,
    top_p: 0.9,
    max_tokens: 100,
    stop: ['END'],
    seed: 7,
    reasoning_effort: 'high',
    custom: { deep: true },
  })
})

it.each<readonly [string, string, object]>([
  ['gpt-6-sol', 'acme', { max_completion_tokens: 9, reasoning_effort: 'high' }],
  ['x', 'openai', { max_completion_tokens: 9, reasoning_effort: 'max' }],
  ['x', 'ollama', { max_tokens: 9, reasoning_effort: 'max' }],
  ['x', 'openrouter', { reasoning: { effort: 'xhigh' } }],
  ['x', 'deepseek', { thinking: { type: 'enabled' }, reasoning_effort: 'max' }],
])('Chat Completions for model %s of %s uses its own words', async (model, provider, expected) => {
  const parameters = { maxOutputTokens: 9, reasoningEffort: 'max' as const }
  const { body } = await sent('openai-chat', { ...TALK, model, parameters }, { provider })
  expect(body).toMatchObject(expected)
})

it('Chat Completions at Mistral asks for no usage', async () => {
  const { body } = await sent('openai-chat', TALK, { provider: 'mistral' })
  expect(body).not.toHaveProperty('stream_options')
})

it('Chat Completions without a key sends no authorization', async () => {
  const { call } = await sent('openai-chat', TALK, { apiKey: null, headers: { 'x-team': 'blue' } })
  expect(call.headers.authorization).toBeUndefined()
  expect(call.headers['x-team']).toBe('blue')
})

it('Responses keeps nothing at OpenAI', async () => {
  const { body, call } = await sent('openai-responses', { ...TALK, parameters: ALL })
  expect(body).toEqual({
    model: 'm-1',
    input: TALK.messages.map((message) => ({ role: message.role, content: textOfMessage(message) })),
    instructions: 'Be brief.',
    store: false,
    stream: true,
    temperature: 0.5,
    top_p: 0.9,
    max_output_tokens: 100,
    reasoning: { effort: 'high', summary: 'auto' },
    custom: { deep: true },
  })
  expect(call.path).toBe('/v1/responses')
})

it('Responses gets no smaller limit of tokens than it takes', async () => {
  const { body } = await sent('openai-responses', { ...TALK, parameters: { maxOutputTokens: 1 } })
  expect(body['max_output_tokens']).toBe(16)
})

it('Anthropic gets its required limit and its key in its own header', async () => {
  const { body, call } = await sent('anthropic', TALK)
  expect(body).toEqual({
    model: 'm-1',
    max_tokens: DEFAULT_MAX_TOKENS,
    stream: true,
    system: 'Be brief.',
    messages: TALK.messages.map((message) => ({ role: message.role, content: textOfMessage(message) })),
  })
  expect(call.path).toBe('/v1/messages')
  expect(call.headers['x-api-key']).toBe(TEST_KEY)
  expect(call.headers.authorization).toBeUndefined()
  expect(call.headers['anthropic-version']).toBe('2023-06-01')
})

it.each<readonly [string, object, object]>([
  [
    'claude-opus-5-5',
    ALL,
    { thinking: { type: 'adaptive', display: 'summarized' }, output_config: { effort: 'high' } },
  ],
  [
    'claude-sonnet-4-5-20250929',
    { ...ALL, maxOutputTokens: 8000 },
    { thinking: { type: 'enabled', budget_tokens: 4000 } },
  ],
  ['claude-opus-5-5', { reasoningEffort: 'none' }, { thinking: { type: 'disabled' } }],
])('Anthropic gets the thinking of %s as that model wants it', async (model, parameters, expected) => {
  const { body } = await sent('anthropic', { ...TALK, model, parameters })
  expect(body).toMatchObject(expected)
})

const SAMPLED = 'claude-sonnet-4-5'

it.each<readonly [string, ProviderRequest['parameters'], object]>([
  ['both', { temperature: 0.5, topP: 0.9 }, { temperature: 0.5 }],
  ['one of them', { topP: 0.9 }, { top_p: 0.9 }],
  ['more than it takes', { temperature: 1.7 }, { temperature: 1 }],
  ['both with thinking', { temperature: 0.2, topP: 0.9, reasoningEffort: 'high' }, {}],
  ['a mild setting with thinking', { temperature: 0.2, topP: 0.96, reasoningEffort: 'high' }, { top_p: 0.96 }],
  ['no thinking', { temperature: 0.2, reasoningEffort: 'none' }, { temperature: 0.2 }],
  ['thinking by an extra', { temperature: 0.2, extra: { thinking: { type: 'adaptive' } } }, {}],
])('Anthropic gets the sampling settings that it takes together: %s', async (_name, parameters, expected) => {
  const { temperature, top_p } = (await sent('anthropic', { ...TALK, model: SAMPLED, parameters })).body
  expect({ temperature, top_p }).toEqual({ temperature: undefined, top_p: undefined, ...expected })
})

const THINKING_ON =
  '`temperature` may only be set to 1 when thinking is enabled. See build-with-claude/extended-thinking'
const EFFORT = "This model does not support effort level 'max'. Supported levels: high, low, medium."

it.each<readonly [string, string, ProviderRequest['parameters'], readonly (readonly string[])[]]>([
  ['m-1', THINKING_ON, { temperature: 0.2 }, [['temperature'], [], ['temperature']]],
  ['m-1', '`temperature` is deprecated for this model.', { temperature: 0.2 }, [['temperature'], [], []]],
  [
    'm-1',
    EFFORT,
    { reasoningEffort: 'max' },
    [['thinking', 'output_config'], ['thinking'], ['thinking', 'output_config']],
  ],
  [
    SAMPLED,
    '`max_tokens` must be greater than `thinking.budget_tokens`',
    { reasoningEffort: 'low' },
    [['thinking'], [], ['thinking']],
  ],
])(
  'Anthropic learns of a model only what is so for every request: %s, %s',
  async (model, message, parameters, fields) => {
    const refusal: Reply = { status: 400, headers: { 'content-type': 'application/json' }, chunks: [complain(message)] }
    await using server = await startByteServer(refusal, whole('anthropic'))
    await using opened = open({ format: 'anthropic', baseUrl: server.url })
    expect((await collect(opened.provider, { ...TALK, model, parameters })).error).toBeNull()
    expect((await collect(opened.provider, { ...TALK, model, parameters })).error).toBeNull()
    const bodies = server.calls.map((call) => Object.keys(JSON.parse(call.body)))
    const told = bodies.map((names) =>
      ['temperature', 'thinking', 'output_config'].filter((name) => names.includes(name)),
    )
    expect(told).toEqual(fields)
  },
)

it('Anthropic from version 2026-10-21 on gets no sampling settings and a bearer token', async () => {
  const headers = { 'anthropic-version': '2026-10-21' }
  const { body, call } = await sent('anthropic', { ...TALK, parameters: ALL }, { headers })
  expect(body).not.toHaveProperty('temperature')
  expect(body).not.toHaveProperty('top_p')
  expect(body).toHaveProperty('stop_sequences', ['END'])
  expect(call.headers.authorization).toBe(`Bearer ${TEST_KEY}`)
})

it('Gemini gets its key in a header and its settings in generationConfig', async () => {
  const extra = { safetySettings: [], generationConfig: { candidateCount: 1 } }
  const { body, call } = await sent('gemini', { ...TALK, parameters: { ...ALL, extra } })
  expect(body).toEqual({
    contents: [
      { role: 'user', parts: [{ text: 'one' }] },
      { role: 'model', parts: [{ text: 'two' }] },
      { role: 'user', parts: [{ text: 'three' }] },
    ],
    systemInstruction: { parts: [{ text: 'Be brief.' }] },
    safetySettings: [],
    generationConfig: {
      temperature: 0.5,
      topP: 0.9,
      maxOutputTokens: 100,
      stopSequences: ['END'],
      seed: 7,
      thinkingConfig: { thinkingLevel: 'HIGH', includeThoughts: true },
      candidateCount: 1,
    },
  })
  expect(call.path).toBe('/v1beta/models/m-1:streamGenerateContent?alt=sse')
  expect(call.headers['x-goog-api-key']).toBe(TEST_KEY)
})

it('Gemini takes the version of the API from the base URL', async () => {
  const { call } = await sent('gemini', TALK, {}, '/v1')
  expect(call.path).toBe('/v1/models/m-1:streamGenerateContent?alt=sse')
})

it('Gemini 2.5 gets a budget for its thoughts', async () => {
  const { body } = await sent('gemini', { ...TALK, model: 'gemini-2.5-flash', parameters: { reasoningEffort: 'none' } })
  expect(body['generationConfig']).toEqual({ thinkingConfig: { thinkingBudget: 0, includeThoughts: false } })
})

it.each(['anthropic', 'gemini'] as const)('%s gets no empty text', async (format) => {
  const messages = [...TALK.messages.slice(0, 1), toMessage('assistant', ''), ...TALK.messages.slice(2)]
  const { body } = await sent(format, { ...TALK, system: '', messages })
  expect(body[format === 'anthropic' ? 'messages' : 'contents']).toHaveLength(2)
  expect(body).not.toHaveProperty(format === 'anthropic' ? 'system' : 'systemInstruction')
})

it.each<readonly [NetworkFormat, string, ProviderRequest['parameters'], string]>([
  ['openai-chat', 'stream_options: Extra inputs are not permitted', {}, 'stream_options'],
  ['openai-chat', 'Unsupported parameter: max_tokens', { maxOutputTokens: 5 }, 'max_tokens'],
  [
    'openai-responses',
    'Your organization must be verified to generate reasoning summaries',
    { reasoningEffort: 'low' },
    'reasoning.summary',
  ],
  ['anthropic', 'thinking: adaptive is not supported by this model', { reasoningEffort: 'low' }, 'thinking'],
])('%s sends again without what was refused: %s', async (format, message, parameters, field) => {
  const refusal: Reply = { status: 400, headers: { 'content-type': 'application/json' }, chunks: [complain(message)] }
  await using server = await startByteServer(refusal, whole(format))
  await using opened = open({ format, baseUrl: `${server.url}/v1` })
  const request = { ...TALK, parameters }
  expect((await collect(opened.provider, request)).error).toBeNull()
  expect((await collect(opened.provider, request)).error).toBeNull()
  const bodies = server.calls.map((call) => JSON.parse(call.body))
  expect(bodies).toHaveLength(3)
  expect(bodies[0]).toHaveProperty(field)
  expect(bodies[1]).not.toHaveProperty(field)
  expect(bodies[2], 'remembered').not.toHaveProperty(field)
})

it('Chat Completions does not send again what was refused for another reason', async () => {
  const refusal: Reply = {
    status: 400,
    headers: { 'content-type': 'application/json' },
    chunks: [complain('max_tokens is too large')],
  }
  await using server = await startByteServer(refusal)
  await using opened = open({ format: 'openai-chat', baseUrl: server.url })
  await collect(opened.provider, ask('m', 'x', { maxOutputTokens: 5 }))
  expect(server.calls).toHaveLength(1)
})

async function sent(
  format: NetworkFormat,
  request: ProviderRequest,
  endpoint: Partial<Endpoint> = {},
  path = format.startsWith('openai') ? '/v1' : '',
): Promise<{ readonly body: { readonly [name: string]: unknown }; readonly call: ByteCall }> {
  await using server = await startByteServer(whole(format))
  await using opened = open({ format, baseUrl: server.url + path, ...endpoint })
  const { error } = await collect(opened.provider, request)
  expect(error).toBeNull()
  const [call] = server.calls
  if (call === undefined) throw new Error('No call came')
  return { body: JSON.parse(call.body), call }
}

function open(endpoint: Partial<Endpoint>) {
  const providers = createProviders()
  return { provider: providers.provider(endpointOf(endpoint)), [Symbol.asyncDispose]: () => providers.close() }
}

function whole(format: NetworkFormat): Reply {
  return { chunks: [WIRES[format].start + WIRES[format].delta('hi') + WIRES[format].end] }
}

function complain(message: string): string {
  return JSON.stringify({ error: { message, type: 'invalid_request_error', param: null, code: null } })
}
