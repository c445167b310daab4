import { createOpenAICompatible } from '@ai-sdk/openai-compatible'
import { generateText, jsonSchema, stepCountIs, streamText, tool } from 'ai'
import { expect, it } from 'vitest'
import { type Aimock, startAimock } from '../helpers/aimock.ts'
import { eventsOf, openAiClientOf, textOfAnswer, vendorHome } from '../helpers/openai-client.ts'

const USER = (content: string) => [{ role: 'user' as const, content }]

it('the openai SDK gets an answer in one piece', async () => {
  await using aimock = await startAimock()
  await using home = vendorHome(aimock)
  await using client = await openAiClientOf(home)
  const { data, response } = await client.sdk.chat.completions
    .create({ model: 'chat/gpt-x', messages: [{ role: 'system', content: 'Be brief' }, ...USER('think')] })
    .withResponse()
  expect(data).toMatchObject({
    object: 'chat.completion',
    model: 'chat/gpt-x',
    choices: [
      {
        index: 0,
        finish_reason: 'stop',
        message: { role: 'assistant', content: 'The answer is 42.', refusal: null },
      },
    ],
    usage: { prompt_tokens: 11, completion_tokens: 7, total_tokens: 18 },
  })
  expect(data.choices[0]?.message).toMatchObject({ reasoning_content: 'Let me think step by step.' })
  expect(data.id).toMatch(/^chatcmpl-[0-9a-f]{32}$/)
  expect(response.headers.get('x-natter-model')).toBe('chat/gpt-x')
  expect(response.headers.get('x-request-id')).toBe(data.id.replace('chatcmpl-', 'trn_'))
  expect(aimock.requests.at(-1)).toMatchObject({
    messages: [{ role: 'system', content: 'Be brief' }, { role: 'user' }],
  })
})

it.each(['chat/m', 'responses/m', 'claude/m', 'google/m'])('the openai SDK streams %s', async (model) => {
  await using aimock = await startAimock()
  await using home = vendorHome(aimock)
  await using client = await openAiClientOf(home)
  const stream = await client.sdk.chat.completions.create({
    model,
    messages: USER('hello'),
    stream: true,
    stream_options: { include_usage: true },
  })
  let text = ''
  const reasons: unknown[] = []
  let usage: unknown
  for await (const chunk of stream) {
    expect(chunk).toMatchObject({ object: 'chat.completion.chunk', model })
    text += chunk.choices[0]?.delta.content ?? ''
    if (chunk.choices[0]?.finish_reason) reasons.push(chunk.choices[0].finish_reason)
    if (chunk.usage) usage = { usage: chunk.usage, choices: chunk.choices }
  }
  expect(text).toBe('Hello from aimock, streamed in small pieces.')
  expect(reasons).toEqual(['stop'])
  expect(usage).toMatchObject({ choices: [], usage: { completion_tokens: expect.any(Number) } })
})

it('a stream begins with the role, ends with [DONE], and tells usage only to those who ask', async () => {
  await using aimock = await startAimock()
  await using home = vendorHome(aimock)
  await using client = await openAiClientOf(home)
  const answer = await client.send('/v1/chat/completions', {
    body: { model: 'chat/m', messages: USER('hello'), stream: true },
  })
  expect(answer.headers).toMatchObject({
    'content-type': 'text/event-stream; charset=utf-8',
    'cache-control': 'no-store, no-transform',
    'x-accel-buffering': 'no',
    'x-natter-model': 'chat/m',
  })
  const events = eventsOf(await textOfAnswer(answer))
  expect(JSON.parse(events[0]!).choices[0].delta).toEqual({ role: 'assistant', content: '', refusal: null })
  expect(events.at(-1)).toBe('[DONE]')
  expect(JSON.parse(events.at(-2)!).choices[0]).toMatchObject({ delta: {}, finish_reason: 'stop' })
  expect(events.join()).not.toContain('usage')
})

const WEATHER = {
  name: 'get_weather',
  description: 'The weather of a city',
  parameters: { type: 'object', properties: { city: { type: 'string' } }, required: ['city'] },
}

function addWeather(aimock: Aimock): void {
  aimock.mock.prependFixture({
    match: { userMessage: 'weather', hasToolResult: false },
    response: { toolCalls: [{ id: 'call_w1', name: 'get_weather', arguments: '{"city":"Oslo"}' }] },
  })
  aimock.mock.prependFixture({
    match: { userMessage: 'weather', hasToolResult: true },
    response: { content: 'It rains in Oslo.' },
  })
}

it.each(['chat/m', 'responses/m', 'claude/m', 'google/m'])('a tool makes its round trip with %s', async (model) => {
  await using aimock = await startAimock()
  addWeather(aimock)
  await using home = vendorHome(aimock)
  await using client = await openAiClientOf(home)
  const { completions } = client.sdk.chat
  const tools = [{ type: 'function' as const, function: WEATHER }]
  const question = USER('weather please')
  const first = await completions.create({ model, messages: question, tools, tool_choice: 'auto' })
  const [choice] = first.choices
  expect(choice).toMatchObject({ finish_reason: 'tool_calls', message: { role: 'assistant', content: null } })
  const calls = choice!.message.tool_calls!
  expect(calls).toMatchObject([{ type: 'function', function: { name: 'get_weather' } }])
  const [call] = calls
  expect(call!.type === 'function' && JSON.parse(call!.function.arguments)).toEqual({ city: 'Oslo' })
  const second = await completions.create({
    model,
    tools,
    messages: [...question, choice!.message, { role: 'tool', tool_call_id: call!.id, content: '12 degrees, rain' }],
  })
  expect(second.choices[0]).toMatchObject({ finish_reason: 'stop', message: { content: 'It rains in Oslo.' } })

  const runner = client.sdk.chat.completions.stream({ model, messages: question, tools })
  const streamed = await runner.finalChatCompletion()
  expect(streamed.choices[0]).toMatchObject({
    finish_reason: 'tool_calls',
    message: {
      tool_calls: [
        { function: { name: 'get_weather', arguments: call!.type === 'function' && call!.function.arguments } },
      ],
    },
  })
})

it('the client of ai streams text and lets tools run', async () => {
  await using aimock = await startAimock()
  addWeather(aimock)
  await using home = vendorHome(aimock)
  await using client = await openAiClientOf(home)
  const natter = createOpenAICompatible({
    name: 'natter',
    baseURL: 'http://natterd/v1',
    fetch: client.fetch,
    includeUsage: true,
  })
  const streamed = streamText({ model: natter('chat/m'), prompt: 'think' })
  expect(await streamed.text).toBe('The answer is 42.')
  expect(await streamed.reasoningText).toBe('Let me think step by step.')
  expect(await streamed.finishReason).toBe('stop')
  expect(await streamed.usage).toMatchObject({ inputTokens: 11, outputTokens: 7 })
  const { text, steps } = await generateText({
    model: natter('claude/m'),
    prompt: 'weather please',
    stopWhen: stepCountIs(3),
    tools: {
      get_weather: tool({
        description: WEATHER.description,
        inputSchema: jsonSchema<{ city: string }>(WEATHER.parameters as never),
        execute: async ({ city }) => `rain in ${city}`,
      }),
    },
  })
  expect(text).toBe('It rains in Oslo.')
  expect(steps).toHaveLength(2)
})

it('pictures, a schema for the answer, and what only OpenAI knows reach the vendor', async () => {
  await using aimock = await startAimock()
  await using home = vendorHome(aimock)
  await using client = await openAiClientOf(home)
  const png = 'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg=='
  const format = {
    type: 'json_schema' as const,
    json_schema: { name: 'sum', schema: { type: 'object' }, strict: true },
  }
  const body = {
    model: 'chat/m',
    max_completion_tokens: 50,
    stop: 'END',
    seed: 7,
    frequency_penalty: 0.5,
    logit_bias: { '50256': -100 },
    response_format: format,
    messages: [
      {
        role: 'user' as const,
        content: [
          { type: 'text' as const, text: 'what is this' },
          { type: 'image_url' as const, image_url: { url: `data:image/png;base64,${png}`, detail: 'low' as const } },
        ],
      },
    ],
  }
  const { response } = await client.sdk.chat.completions.create(body).withResponse()
  expect(response.headers.get('x-natter-ignored')).toBeNull()
  expect(aimock.requests.at(-1)).toMatchObject({
    ...{ max_tokens: 50, stop: ['END'], seed: 7, frequency_penalty: 0.5, logit_bias: { '50256': -100 } },
    response_format: format,
    messages: [{ content: [{ type: 'text' }, { type: 'image_url', image_url: { detail: 'low' } }] }],
  })
  const other = await client.sdk.chat.completions.create({ ...body, model: 'claude/m' }).withResponse()
  expect(other.response.headers.get('x-natter-ignored')).toBe('seed, frequency_penalty, logit_bias')
})
