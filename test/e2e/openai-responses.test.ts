import { expect, it } from 'vitest'
import { type Aimock, startAimock } from '../helpers/aimock.ts'
import { all, eventsOf, openAiClientOf, textOfAnswer, vendorHome } from '../helpers/openai-client.ts'

const TOOL = {
  type: 'function' as const,
  name: 'get_weather',
  description: 'The weather of a city',
  parameters: { type: 'object', properties: { city: { type: 'string' } }, required: ['city'] },
  strict: false,
}

function addCalls(aimock: Aimock): void {
  const toolCalls = [
    { id: 'call_w1', name: 'get_weather', arguments: '{"city":"Oslo"}' },
    { id: 'call_w2', name: 'get_weather', arguments: '{"city":"Bergen"}' },
  ]
  aimock.mock.prependFixture({ match: { userMessage: 'weather', hasToolResult: false }, response: { toolCalls } })
  aimock.mock.prependFixture({
    match: { userMessage: 'weather', hasToolResult: true },
    response: { content: 'It rains.' },
  })
}

it('the openai SDK gets a response in one piece', async () => {
  await using aimock = await startAimock()
  await using home = vendorHome(aimock)
  await using client = await openAiClientOf(home)
  const response = await client.sdk.responses.create({
    model: 'chat/m',
    instructions: 'Be brief',
    input: 'think',
    metadata: { from: 'a test' },
    store: true,
  })
  expect(response).toMatchObject({
    object: 'response',
    status: 'completed',
    model: 'chat/m',
    instructions: 'Be brief',
    error: null,
    incomplete_details: null,
    metadata: { from: 'a test' },
    output: [
      { type: 'reasoning', summary: [{ type: 'summary_text', text: 'Let me think step by step.' }] },
      {
        type: 'message',
        role: 'assistant',
        status: 'completed',
        content: [{ type: 'output_text', text: 'The answer is 42.', annotations: [] }],
      },
    ],
    usage: { input_tokens: 11, output_tokens: 7, total_tokens: 18 },
  })
  expect(response.output_text).toBe('The answer is 42.')
  expect(response.id).toMatch(/^resp_[0-9a-f]{32}$/)
})

it('a stream of events comes in the order of OpenAI, numbered', async () => {
  await using aimock = await startAimock()
  await using home = vendorHome(aimock)
  await using client = await openAiClientOf(home)
  const answer = await client.send('/v1/responses', { body: { model: 'chat/m', input: 'think', stream: true } })
  const text = await textOfAnswer(answer)
  const events = eventsOf(text).map((data) => JSON.parse(data))
  expect(events.map(({ sequence_number: number }) => number)).toEqual(events.map((_, index) => index))
  expect([...text.matchAll(/^event: (.*)$/gm)].map(([, name]) => name)).toEqual(events.map(({ type }) => type))
  const deltas = (type: string) => type.endsWith('.delta')
  const order = events
    .map(({ type }) => type as string)
    .filter((type, index, all) => !deltas(type) || all[index - 1] !== type)
  expect(order).toEqual([
    'response.created',
    'response.in_progress',
    'response.output_item.added',
    'response.reasoning_summary_part.added',
    'response.reasoning_summary_text.delta',
    'response.reasoning_summary_text.done',
    'response.reasoning_summary_part.done',
    'response.output_item.done',
    'response.output_item.added',
    'response.content_part.added',
    'response.output_text.delta',
    'response.output_text.done',
    'response.content_part.done',
    'response.output_item.done',
    'response.completed',
  ])
  expect(events[0].response).toMatchObject({ status: 'in_progress', output: [], usage: null })
  expect(events.at(-1).response).toMatchObject({
    status: 'completed',
    output: [{ type: 'reasoning' }, { type: 'message', content: [{ text: 'The answer is 42.' }] }],
    usage: { total_tokens: 18 },
  })
})

it.each(['chat/m', 'responses/m', 'claude/m', 'google/m'])('the openai SDK lets tools run with %s', async (model) => {
  await using aimock = await startAimock()
  addCalls(aimock)
  await using home = vendorHome(aimock)
  await using client = await openAiClientOf(home)
  const question = { role: 'user' as const, content: 'weather please' }
  const stream = client.sdk.responses.stream({ model, input: [question], tools: [TOOL] })
  const types = new Set<string>()
  for await (const event of stream) types.add(event.type)
  const { output } = await stream.finalResponse()
  const calls = output.filter((item) => item.type === 'function_call')
  expect(types).toContain('response.function_call_arguments.delta')
  expect(types).toContain('response.function_call_arguments.done')
  expect(calls.map(({ name, arguments: text }) => [name, JSON.parse(text).city])).toEqual([
    ['get_weather', 'Oslo'],
    ['get_weather', 'Bergen'],
  ])
  const outputs = calls.map(({ call_id }) => ({ type: 'function_call_output' as const, call_id, output: 'rain' }))
  const second = await client.sdk.responses.create({
    ...{ model, tools: [TOOL] },
    input: [question, ...calls, ...outputs],
  })
  expect(second.output_text).toBe('It rains.')
})

it('a response that is cut short is incomplete', async () => {
  await using aimock = await startAimock()
  aimock.mock.prependFixture({
    match: { userMessage: 'novel' },
    response: { content: 'Once upon a', finishReason: 'length' },
  })
  await using home = vendorHome(aimock)
  await using client = await openAiClientOf(home)
  const whole = await client.sdk.responses.create({ model: 'chat/m', input: 'novel', max_output_tokens: 16 })
  expect(whole).toMatchObject({ status: 'incomplete', incomplete_details: { reason: 'max_output_tokens' } })
  const stream = client.sdk.responses.stream({ model: 'chat/m', input: 'novel' })
  const last = (await all(stream)).at(-1)
  expect(last).toMatchObject({ type: 'response.incomplete', response: { output: [{ status: 'incomplete' }] } })
})

it('a response that breaks off fails with what came until then', async () => {
  await using aimock = await startAimock()
  await using home = vendorHome(aimock, { scenarios: ['cut'] })
  await using client = await openAiClientOf(home)
  const answer = await client.send('/v1/responses', { body: { model: 'cut/m', input: 'tell me', stream: true } })
  const events = eventsOf(await textOfAnswer(answer)).map((data) => JSON.parse(data))
  expect(events.at(-1)).toMatchObject({
    type: 'response.failed',
    response: {
      status: 'failed',
      error: { code: expect.any(String), message: expect.any(String) },
      output: [{ type: 'message', status: 'incomplete', content: [{ text: 'partial text' }] }],
    },
  })
})

it.each([
  ['previous_response_id', { previous_response_id: 'resp_1' }],
  ['conversation', { conversation: 'conv_1' }],
  ['background', { background: true }],
  ['tools[0].type', { tools: [{ type: 'web_search' }] }],
  ['input[0].type', { input: [{ type: 'item_reference', id: 'msg_1' }] }],
  ['input[0].content[0].file_id', { input: [{ role: 'user', content: [{ type: 'input_image', file_id: 'file_1' }] }] }],
])('what needs a server that stores or searches is refused: %s', async (param, body) => {
  await using aimock = await startAimock()
  await using home = vendorHome(aimock)
  await using client = await openAiClientOf(home)
  const answer = await client.send('/v1/responses', { body: { model: 'chat/m', input: 'hi', ...body } })
  expect(answer.statusCode).toBe(400)
  expect(JSON.parse(await textOfAnswer(answer)).error).toMatchObject({
    type: 'invalid_request_error',
    code: 'unsupported_value',
    param,
  })
  expect(aimock.requests).toEqual([])
})
