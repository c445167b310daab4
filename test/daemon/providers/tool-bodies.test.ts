// Tools, pictures and shapes of answers on the wire, format by format, seen by the server.

import { expect, it } from 'vitest'
import type { ContentPart, Endpoint, ProviderRequest, Tool, ToolSettings } from '../../../daemon/providers/provider.ts'
import { toMessage } from '../../../daemon/providers/provider.ts'
import { createProviders } from '../../../daemon/providers/registry.ts'
import { collect } from '../../contracts/provider.ts'
import { type Reply, startByteServer } from '../../helpers/byte-server.ts'
import { endpointOf } from '../../helpers/endpoint.ts'
import { type NetworkFormat, WIRES } from '../../helpers/wire.ts'

type Body = { readonly [name: string]: unknown }

const SCHEMA = { type: 'object', properties: { city: { type: 'string' } }, required: ['city'] }
const WEATHER: Tool = { name: 'get_weather', description: 'Of a city', parameters: SCHEMA, strict: null }
const TIME: Tool = { name: 'get_time', description: null, parameters: null, strict: null }
const call = (callId: string, name: string, text: string): ContentPart => ({ type: 'tool-call', callId, name, text })
const result = (callId: string, name: string, text: string): ContentPart => ({
  type: 'tool-result',
  callId,
  name,
  text,
})
const PNG: ContentPart = { type: 'image', mediaType: 'image/png', base64: 'iVBORw0KGgo=', detail: 'low' }
const LINK: ContentPart = { type: 'image-url', url: 'https://example.com/a/cat.JPG?x=1', detail: null }

const TALK: ProviderRequest = {
  model: 'm-1',
  system: null,
  messages: [
    toMessage('user', 'Weather and time?'),
    {
      role: 'assistant',
      content: [
        { type: 'text', text: '' },
        call('call_a', 'get_weather', '{"city":"Oslo"}'),
        call('call_b', 'get_time', ''),
      ],
    },
    { role: 'user', content: [result('call_a', 'get_weather', '{"sky":"snow"}')] },
    { role: 'user', content: [{ type: 'text', text: 'And?' }, result('call_b', 'get_time', 'noon')] },
  ],
  parameters: {},
}

function settings(given: Partial<ToolSettings> = {}): ToolSettings {
  return { tools: [WEATHER, TIME], choice: null, parallel: null, ...given }
}

it('Chat Completions gets calls and results as messages of their own', async () => {
  const { messages } = await sent('openai-chat', TALK)
  expect(messages).toEqual([
    { role: 'user', content: 'Weather and time?' },
    {
      role: 'assistant',
      content: null,
      tool_calls: [
        { id: 'call_a', type: 'function', function: { name: 'get_weather', arguments: '{"city":"Oslo"}' } },
        { id: 'call_b', type: 'function', function: { name: 'get_time', arguments: '{}' } },
      ],
    },
    { role: 'tool', tool_call_id: 'call_a', content: '{"sky":"snow"}' },
    { role: 'tool', tool_call_id: 'call_b', content: 'noon' },
    { role: 'user', content: 'And?' },
  ])
})

it('Chat Completions at Mistral gets ids of nine letters, the same for call and result', async () => {
  const { messages } = await sent('openai-chat', TALK, { provider: 'mistral' })
  const [, assistant, first] = messages as [Body, { tool_calls: [{ id: string }] }, { tool_call_id: string }]
  expect(assistant.tool_calls[0].id).toMatch(/^[a-z0-9]{9}$/)
  expect(first.tool_call_id).toBe(assistant.tool_calls[0].id)
})

it('Chat Completions at DeepSeek gets a place for the thoughts before calls', async () => {
  const { messages } = await sent('openai-chat', TALK, { provider: 'deepseek' })
  expect(messages).toMatchObject([{}, { reasoning_content: '' }, {}, {}, {}])
})

it('Responses gets calls and results as items', async () => {
  const { input } = await sent('openai-responses', TALK)
  expect(input).toEqual([
    { role: 'user', content: 'Weather and time?' },
    { type: 'function_call', call_id: 'call_a', name: 'get_weather', arguments: '{"city":"Oslo"}' },
    { type: 'function_call', call_id: 'call_b', name: 'get_time', arguments: '{}' },
    { type: 'function_call_output', call_id: 'call_a', output: '{"sky":"snow"}' },
    { type: 'function_call_output', call_id: 'call_b', output: 'noon' },
    { role: 'user', content: 'And?' },
  ])
})

it('Anthropic gets all results of a turn in one message, before anything else', async () => {
  const { messages } = await sent('anthropic', { ...TALK, tools: settings() })
  expect(messages).toEqual([
    { role: 'user', content: 'Weather and time?' },
    {
      role: 'assistant',
      content: [
        { type: 'tool_use', id: 'call_a', name: 'get_weather', input: { city: 'Oslo' } },
        { type: 'tool_use', id: 'call_b', name: 'get_time', input: {} },
      ],
    },
    {
      role: 'user',
      content: [
        { type: 'tool_result', tool_use_id: 'call_a', content: '{"sky":"snow"}' },
        { type: 'tool_result', tool_use_id: 'call_b', content: 'noon' },
        { type: 'text', text: 'And?' },
      ],
    },
  ])
})

it('Anthropic gets the tools of former calls where none is offered now, and may call none', async () => {
  const body = await sent('anthropic', TALK)
  expect(body['tools']).toEqual([
    { name: 'get_weather', input_schema: { type: 'object' } },
    { name: 'get_time', input_schema: { type: 'object' } },
  ])
  expect(body['tool_choice']).toEqual({ type: 'none' })
})

it('Anthropic gets no letters in ids that it refuses', async () => {
  const messages = [
    toMessage('user', 'x'),
    { role: 'assistant' as const, content: [call('a.b:1', 'get_time', 'no json')] },
    { role: 'user' as const, content: [result('a.b:1', 'get_time', '')] },
  ]
  const body = await sent('anthropic', { ...TALK, messages, tools: settings() })
  expect(body['messages']).toMatchObject([
    {},
    { content: [{ id: 'a_b_1', input: { arguments: 'no json' } }] },
    { content: [{ type: 'tool_result', tool_use_id: 'a_b_1' }] },
  ])
})

it('Gemini gets all results of a turn in one content, as objects', async () => {
  const { contents } = await sent('gemini', { ...TALK, model: 'gemini-2.5-flash' })
  expect(contents).toEqual([
    { role: 'user', parts: [{ text: 'Weather and time?' }] },
    {
      role: 'model',
      parts: [
        { functionCall: { id: 'call_a', name: 'get_weather', args: { city: 'Oslo' } } },
        { functionCall: { id: 'call_b', name: 'get_time', args: {} } },
      ],
    },
    {
      role: 'user',
      parts: [
        { functionResponse: { id: 'call_a', name: 'get_weather', response: { sky: 'snow' } } },
        { functionResponse: { id: 'call_b', name: 'get_time', response: { output: 'noon' } } },
        { text: 'And?' },
      ],
    },
  ])
})

it('Gemini 3 gets the word that stands for a lost signature with each call', async () => {
  const { contents } = await sent('gemini', { ...TALK, model: 'gemini-3.8-flash' })
  const thoughtSignature = 'skip_thought_signature_validator'
  expect(contents).toMatchObject([{}, { parts: [{ thoughtSignature }, { thoughtSignature }] }, {}])
})

it('every format gets its own declaration of tools', async () => {
  const request = { ...TALK, messages: [toMessage('user', 'x')], tools: settings() }
  expect((await sent('openai-chat', request))['tools']).toEqual([
    { type: 'function', function: { name: 'get_weather', description: 'Of a city', parameters: SCHEMA } },
    { type: 'function', function: { name: 'get_time' } },
  ])
  expect((await sent('openai-responses', request))['tools']).toEqual([
    { type: 'function', name: 'get_weather', description: 'Of a city', parameters: SCHEMA, strict: false },
    { type: 'function', name: 'get_time', parameters: null, strict: false },
  ])
  expect((await sent('anthropic', request))['tools']).toEqual([
    { name: 'get_weather', description: 'Of a city', input_schema: SCHEMA },
    { name: 'get_time', input_schema: { type: 'object', properties: {} } },
  ])
  expect((await sent('gemini', request))['tools']).toEqual([
    {
      functionDeclarations: [
        { name: 'get_weather', description: 'Of a city', parametersJsonSchema: SCHEMA },
        { name: 'get_time', description: '' },
      ],
    },
  ])
})

it('no format gets a word of tools where none is offered', async () => {
  const request = { ...TALK, messages: [toMessage('user', 'x')], tools: settings({ tools: [], choice: 'none' }) }
  for (const format of ['openai-chat', 'openai-responses', 'anthropic', 'gemini'] as const) {
    expect(Object.keys(await sent(format, request)).filter((name) => /tool/i.test(name))).toEqual([])
  }
})

const NAMED = { name: 'get_time' }

it.each<readonly [NetworkFormat, Partial<ToolSettings>, object]>([
  ['openai-chat', { choice: 'auto', parallel: false }, { tool_choice: 'auto', parallel_tool_calls: false }],
  ['openai-chat', { choice: 'required' }, { tool_choice: 'required' }],
  ['openai-chat', { choice: NAMED }, { tool_choice: { type: 'function', function: NAMED } }],
  ['openai-responses', { choice: 'none', parallel: true }, { tool_choice: 'none', parallel_tool_calls: true }],
  ['openai-responses', { choice: NAMED }, { tool_choice: { type: 'function', ...NAMED } }],
  ['anthropic', { choice: 'auto' }, { tool_choice: { type: 'auto' } }],
  ['anthropic', { choice: 'none', parallel: false }, { tool_choice: { type: 'none' } }],
  ['anthropic', { choice: 'required' }, { tool_choice: { type: 'any' } }],
  ['anthropic', { parallel: false }, { tool_choice: { type: 'auto', disable_parallel_tool_use: true } }],
  [
    'anthropic',
    { choice: NAMED, parallel: false },
    { tool_choice: { type: 'tool', ...NAMED, disable_parallel_tool_use: true } },
  ],
  ['gemini', { choice: 'auto' }, { toolConfig: { functionCallingConfig: { mode: 'AUTO' } } }],
  ['gemini', { choice: 'none' }, { toolConfig: { functionCallingConfig: { mode: 'NONE' } } }],
  ['gemini', { choice: 'required' }, { toolConfig: { functionCallingConfig: { mode: 'ANY' } } }],
  [
    'gemini',
    { choice: NAMED },
    { toolConfig: { functionCallingConfig: { mode: 'ANY', allowedFunctionNames: ['get_time'] } } },
  ],
])('%s is told %o', async (format, given, expected) => {
  const body = await sent(format, { ...TALK, messages: [toMessage('user', 'x')], tools: settings(given) })
  expect(body).toMatchObject(expected)
})

it('strict tools are said in each format', async () => {
  const tools = settings({ tools: [{ ...WEATHER, strict: true }] })
  const request = { ...TALK, messages: [toMessage('user', 'x')], tools }
  const closed = { ...SCHEMA, additionalProperties: false }
  expect(await sent('openai-chat', request)).toMatchObject({ tools: [{ function: { strict: true } }] })
  expect(await sent('openai-responses', request)).toMatchObject({ tools: [{ strict: true }] })
  expect(await sent('anthropic', request)).toMatchObject({ tools: [{ strict: true, input_schema: closed }] })
  expect(await sent('gemini', request)).toMatchObject({ toolConfig: { functionCallingConfig: { mode: 'VALIDATED' } } })
})

it('every format gets pictures with its own words', async () => {
  const messages = [{ role: 'user' as const, content: [{ type: 'text' as const, text: 'What?' }, PNG, LINK] }]
  const request = { ...TALK, messages }
  const url = 'data:image/png;base64,iVBORw0KGgo='
  const link = 'https://example.com/a/cat.JPG?x=1'
  expect((await sent('openai-chat', request))['messages']).toEqual([
    {
      role: 'user',
      content: [
        { type: 'text', text: 'What?' },
        { type: 'image_url', image_url: { url, detail: 'low' } },
        { type: 'image_url', image_url: { url: link } },
      ],
    },
  ])
  expect((await sent('openai-responses', request))['input']).toEqual([
    {
      role: 'user',
      content: [
        { type: 'input_text', text: 'What?' },
        { type: 'input_image', image_url: url, detail: 'low' },
        { type: 'input_image', image_url: link, detail: 'auto' },
      ],
    },
  ])
  expect((await sent('anthropic', request))['messages']).toEqual([
    {
      role: 'user',
      content: [
        { type: 'text', text: 'What?' },
        { type: 'image', source: { type: 'base64', media_type: 'image/png', data: 'iVBORw0KGgo=' } },
        { type: 'image', source: { type: 'url', url: link } },
      ],
    },
  ])
  expect((await sent('gemini', request))['contents']).toEqual([
    {
      role: 'user',
      parts: [
        { text: 'What?' },
        { inlineData: { mimeType: 'image/png', data: 'iVBORw0KGgo=' } },
        { fileData: { mimeType: 'image/jpeg', fileUri: link } },
      ],
    },
  ])
})

it('Gemini looks at pictures less closely where all of them ask for that', async () => {
  const messages = [{ role: 'user' as const, content: [PNG] }]
  const body = await sent('gemini', { ...TALK, messages })
  expect(body['generationConfig']).toEqual({ mediaResolution: 'MEDIA_RESOLUTION_LOW' })
})

it('every format is held to a schema in its own way', async () => {
  const responseFormat = { type: 'json-schema' as const, name: 'place', schema: SCHEMA, strict: true }
  const request = { ...TALK, messages: [toMessage('user', 'x')], responseFormat }
  const described = { name: 'place', schema: SCHEMA, strict: true }
  expect(await sent('openai-chat', request)).toMatchObject({
    response_format: { type: 'json_schema', json_schema: described },
  })
  expect(await sent('openai-responses', request)).toMatchObject({
    text: { format: { type: 'json_schema', ...described } },
  })
  expect(
    await sent('anthropic', { ...request, model: 'claude-opus-5-5', parameters: { reasoningEffort: 'low' } }),
  ).toMatchObject({
    output_config: {
      effort: 'low',
      format: { type: 'json_schema', schema: { ...SCHEMA, additionalProperties: false } },
    },
  })
  expect(await sent('gemini', request)).toMatchObject({
    generationConfig: { responseMimeType: 'application/json', responseJsonSchema: SCHEMA },
  })
})

it('every format is asked for JSON of any kind in its own way', async () => {
  const request = { ...TALK, messages: [toMessage('user', 'x')], responseFormat: { type: 'json' as const } }
  expect(await sent('openai-chat', request)).toMatchObject({ response_format: { type: 'json_object' } })
  expect(await sent('openai-responses', request)).toMatchObject({ text: { format: { type: 'json_object' } } })
  expect((await sent('anthropic', { ...request, system: 'Be brief.' }))['system']).toMatch(/^Be brief\.\n\n.*JSON/)
  expect((await sent('gemini', request))['generationConfig']).toEqual({ responseMimeType: 'application/json' })
})

it('Anthropic gets what a schema cannot say in its descriptions', async () => {
  const schema = {
    type: 'object',
    properties: {
      age: { type: 'integer', minimum: 0, description: 'In years' },
      names: { type: 'array', minItems: 3, items: { type: 'object', properties: { minimum: { type: 'string' } } } },
    },
    additionalProperties: true,
  }
  const responseFormat = { type: 'json-schema' as const, name: 'n', schema, strict: null }
  const body = await sent('anthropic', { ...TALK, messages: [toMessage('user', 'x')], responseFormat })
  expect(body['output_config']).toEqual({
    format: {
      type: 'json_schema',
      schema: {
        type: 'object',
        properties: {
          age: { type: 'integer', description: 'In years {"minimum":0}' },
          names: {
            type: 'array',
            items: { type: 'object', properties: { minimum: { type: 'string' } }, additionalProperties: false },
            description: '{"minItems":3}',
          },
        },
        additionalProperties: false,
      },
    },
  })
})

it.each<readonly [string, string, boolean]>([
  ['for good', 'output_config.format: Extra inputs are not permitted', false],
  ['for this request', 'output_config.format.schema: recursive schemas are not supported', true],
])('Anthropic is asked in words %s where it refuses to be held to a schema', async (_name, message, again) => {
  const replies = again ? [refusal(message), whole('anthropic')] : [whole('anthropic')]
  await using server = await startByteServer(refusal(message), whole('anthropic'), ...replies)
  await using opened = open({ format: 'anthropic', baseUrl: server.url })
  const responseFormat = { type: 'json-schema' as const, name: 'n', schema: SCHEMA, strict: true }
  const request = { ...TALK, messages: [toMessage('user', 'x')], responseFormat }
  expect((await collect(opened.provider, request)).error).toBeNull()
  expect((await collect(opened.provider, request)).error).toBeNull()
  const bodies: Body[] = server.calls.map(({ body }) => JSON.parse(body))
  expect(bodies.map((body) => 'output_config' in body)).toEqual(
    again ? [true, false, true, false] : [true, false, false],
  )
  expect(bodies[1]?.['system']).toContain(JSON.stringify(SCHEMA))
})

it('Chat Completions sends again without the field for parallel calls where that is refused', async () => {
  await using server = await startByteServer(refusal('Unknown field: parallel_tool_calls'), whole('openai-chat'))
  await using opened = open({ format: 'openai-chat', baseUrl: server.url })
  const request = { ...TALK, messages: [toMessage('user', 'x')], tools: settings({ parallel: false }) }
  expect((await collect(opened.provider, request)).error).toBeNull()
  const bodies: Body[] = server.calls.map(({ body }) => JSON.parse(body))
  expect(bodies.map((body) => 'parallel_tool_calls' in body)).toEqual([true, false])
})

async function sent(format: NetworkFormat, request: ProviderRequest, endpoint: Partial<Endpoint> = {}): Promise<Body> {
  await using server = await startByteServer(whole(format))
  await using opened = open({ format, baseUrl: server.url, ...endpoint })
  expect((await collect(opened.provider, request)).error).toBeNull()
  return JSON.parse(server.calls[0]?.body ?? '')
}

function open(endpoint: Partial<Endpoint>) {
  const providers = createProviders()
  return { provider: providers.provider(endpointOf(endpoint)), [Symbol.asyncDispose]: () => providers.close() }
}

function whole(format: NetworkFormat): Reply {
  return { chunks: [WIRES[format].start + WIRES[format].delta('hi') + WIRES[format].end] }
}

function refusal(message: string): Reply {
  const body = JSON.stringify({ type: 'error', error: { message, type: 'invalid_request_error' } })
  return { status: 400, headers: { 'content-type': 'application/json' }, chunks: [body] }
}
