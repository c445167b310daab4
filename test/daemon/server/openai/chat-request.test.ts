import { expect, it } from 'vitest'
import { toAskedChat } from '../../../../daemon/server/openai/chat-request.ts'
import { type ChatBody, chatSchema } from '../../../../daemon/server/openai/chat-schema.ts'
import { createCheck } from '../../../../daemon/server/openai/checked.ts'
import { sortExtras } from '../../../../daemon/server/openai/extras.ts'
import { BOUNDS } from '../../../../src/protocol/bounds.ts'

const check = createCheck(chatSchema)
const ask = (body: object) => toAskedChat(check(body) as ChatBody)
const text = (words: string) => ({ type: 'text', text: words })

it('toAskedChat() joins what the system says, wherever it stands', () => {
  const asked = ask({
    messages: [
      { role: 'system', content: 'Be brief.' },
      { role: 'user', content: 'Hi' },
      { role: 'developer', content: [text('Be '), text('kind.')] },
    ],
  })
  expect(asked).toMatchObject({ system: 'Be brief.\n\nBe kind.', prompt: 'Hi', model: null, stream: false })
  expect(asked.messages).toEqual([{ role: 'user', content: [text('Hi')] }])
})

it('toAskedChat() knows calls, and gathers their results in one message', () => {
  const call = (id: string, name: string) => ({ id, type: 'function', function: { name, arguments: '{}' } })
  const { messages, prompt } = ask({
    messages: [
      { role: 'user', content: 'Weather?' },
      { role: 'assistant', content: null, tool_calls: [call('a', 'sky'), call('b', 'sea')] },
      { role: 'tool', tool_call_id: 'a', content: 'blue' },
      { role: 'tool', tool_call_id: 'b', content: [text('cold')] },
      { role: 'user', content: 'And now?' },
    ],
  })
  expect(messages).toEqual([
    { role: 'user', content: [text('Weather?')] },
    {
      role: 'assistant',
      content: [
        { type: 'tool-call', callId: 'a', name: 'sky', text: '{}' },
        { type: 'tool-call', callId: 'b', name: 'sea', text: '{}' },
      ],
    },
    {
      role: 'user',
      content: [
        { type: 'tool-result', callId: 'a', name: 'sky', text: 'blue' },
        { type: 'tool-result', callId: 'b', name: 'sea', text: 'cold' },
      ],
    },
    { role: 'user', content: [text('And now?')] },
  ])
  expect(prompt).toBe('And now?')
})

it('toAskedChat() knows the older way of calls', () => {
  const { messages } = ask({
    messages: [
      { role: 'user', content: 'Weather?' },
      { role: 'assistant', content: null, function_call: { name: 'sky', arguments: '{}' } },
      { role: 'function', name: 'sky', content: 'blue' },
    ],
  })
  const [, { content: [call] = [] } = {}, { content: [result] = [] } = {}] = messages
  expect(call).toMatchObject({ type: 'tool-call', name: 'sky' })
  expect(result).toMatchObject({ type: 'tool-result', name: 'sky', text: 'blue' })
  expect(call?.type === 'tool-call' && call.callId).toBe(result?.type === 'tool-result' && result.callId)
})

it('toAskedChat() takes parameters under either name, and nulls for nothing', () => {
  const messages = [{ role: 'user', content: 'Hi' }]
  expect(
    ask({ messages, max_tokens: 5, max_completion_tokens: 9, stop: 'x', reasoning_effort: 'xhigh', top_p: null })
      .parameters,
  ).toEqual({ maxOutputTokens: 9, stop: ['x'], reasoningEffort: 'max' })
  expect(ask({ messages, temperature: null, user: 'me', logit_bias: null, unheard_of: 1 })).toMatchObject({
    parameters: {},
    extras: { user: 'me' },
  })
})

it('toAskedChat() takes tools, a choice among them, and a form for the answer', () => {
  const tool = (name: string) => ({ type: 'function', function: { name, parameters: { type: 'object' } } })
  const messages = [{ role: 'user', content: 'Hi' }]
  const tools = [tool('sky'), tool('sea')]
  expect(ask({ messages, tools, parallel_tool_calls: false }).tools).toEqual({
    tools: ['sky', 'sea'].map((name) => ({ name, description: null, parameters: { type: 'object' }, strict: null })),
    choice: null,
    parallel: false,
  })
  const choose = (tool_choice: unknown) => ask({ messages, tools, tool_choice }).tools
  expect(choose('required')?.choice).toBe('required')
  expect(choose({ type: 'function', function: { name: 'sea' } })?.choice).toEqual({ name: 'sea' })
  const allowed = { mode: 'required', tools: [{ type: 'function', function: { name: 'sea' } }] }
  expect(choose({ type: 'allowed_tools', allowed_tools: allowed })).toMatchObject({
    tools: [{ name: 'sea' }],
    choice: 'required',
  })
  expect(ask({ messages, response_format: { type: 'json_object' } }).responseFormat).toEqual({ type: 'json' })
  const json_schema = { name: 'sum', schema: { type: 'object' }, strict: true }
  expect(ask({ messages, response_format: { type: 'json_schema', json_schema } }).responseFormat).toEqual({
    ...{ type: 'json-schema', name: 'sum', schema: { type: 'object' }, strict: true },
  })
})

it('toAskedChat() takes pictures that vendors take', () => {
  const picture = (url: string, detail?: string) => ({
    type: 'image_url',
    image_url: { url, ...(detail && { detail }) },
  })
  const { messages, prompt } = ask({
    messages: [
      {
        role: 'user',
        content: [picture('data:image/jpg;base64,AAAA', 'high'), picture('https://example.org/cat.webp')],
      },
    ],
  })
  expect(messages[0]?.content).toEqual([
    { type: 'image', mediaType: 'image/jpeg', base64: 'AAAA', detail: 'high' },
    { type: 'image-url', url: 'https://example.org/cat.webp', detail: null },
  ])
  expect(prompt).toBe('[picture]')
})

const user = (part: object) => ({ messages: [{ role: 'user', content: [part] }] })
const image = (url: unknown) => user({ type: 'image_url', image_url: { url } })
const AT_IMAGE = 'messages[0].content[0].image_url'

it.each([
  ['a picture of another type', image('data:image/tiff;base64,AAAA'), AT_IMAGE],
  ['a picture that is not base64', image('data:image/png;base64,A*A'), AT_IMAGE],
  ['a picture without base64', image('data:image/png,AAAA'), AT_IMAGE],
  ['a picture on an open line', image('http://example.org/cat.png'), AT_IMAGE],
  ['a picture on a disk', image('file:///etc/passwd'), AT_IMAGE],
  ['a picture that is too large', image(`data:image/png;base64,${'A'.repeat(28_000_000)}`), AT_IMAGE],
  ['sound', user({ type: 'input_audio', input_audio: { data: '', format: 'wav' } }), 'messages[0].content[0].type'],
  ['a part that says nothing', user({ type: 'text' }), 'messages[0].content[0]'],
  [
    'a picture of the system',
    { messages: [{ role: 'system', content: [{ type: 'image_url', image_url: { url: 'https://x' } }] }] },
    'messages[0].content[0]',
  ],
  ['only the system', { messages: [{ role: 'system', content: 'x' }] }, 'messages'],
  [
    'a custom tool',
    { messages: [{ role: 'user', content: 'x' }], tools: [{ type: 'custom', custom: { name: 'x' } }] },
    'tools[0].type',
  ],
  [
    'a choice of no tool',
    {
      messages: [{ role: 'user', content: 'x' }],
      tools: [{ type: 'function', function: { name: 'a' } }],
      tool_choice: { type: 'function', function: { name: 'b' } },
    },
    'tool_choice',
  ],
  ['functions', { messages: [{ role: 'user', content: 'x' }], functions: [{ name: 'f' }] }, 'functions'],
])('toAskedChat() refuses %s, and says where it is', (_name, body, param) => {
  expect(() => ask(body)).toThrow(expect.objectContaining({ code: 'invalid-request', param }))
})

it('sortExtras() passes to each format what it knows, and names the rest', () => {
  const asked = ask({
    messages: [{ role: 'user', content: 'x' }],
    stop: ['', 'END'],
    seed: 1,
    user: 'me',
    logit_bias: {},
  })
  expect(asked.parameters).toEqual({ stop: ['END'], seed: 1 })
  expect(sortExtras(asked, 'openai-chat')).toEqual({ extra: { user: 'me', logit_bias: {} }, ignored: [] })
  expect(() => sortExtras(asked, 'openai-responses')).toThrow(expect.objectContaining({ param: 'stop', status: 400 }))
  expect(sortExtras({ ...asked, parameters: { seed: 1 } }, 'openai-responses')).toEqual({
    ...{ extra: { user: 'me' }, ignored: ['seed', 'logit_bias'] },
  })
  expect(sortExtras(asked, 'anthropic')).toEqual({ extra: {}, ignored: ['seed', 'logit_bias', 'user'] })
  expect(sortExtras(asked, 'gemini')).toEqual({ extra: {}, ignored: ['logit_bias', 'user'] })
})

it('sortExtras() words verbosity as each format does, and leaves it out where a form takes its place', () => {
  const asked = ask({ messages: [{ role: 'user', content: 'x' }], verbosity: 'low' })
  expect(sortExtras(asked, 'openai-chat')).toEqual({ extra: { verbosity: 'low' }, ignored: [] })
  expect(sortExtras(asked, 'openai-responses')).toEqual({ extra: { text: { verbosity: 'low' } }, ignored: [] })
  const formed = { ...asked, responseFormat: { type: 'json' } as const }
  expect(sortExtras(formed, 'openai-responses')).toEqual({ extra: {}, ignored: ['verbosity'] })
})

const nested = (levels: number) => {
  let value: object = {}
  for (let level = 1; level < levels; level += 1) value = { items: value }
  return value
}

it.each([
  ['tools', 3, (parameters: object) => [{ type: 'function', function: { name: 'f', parameters } }]],
  ['response_format', 2, (schema: object) => ({ type: 'json_schema', json_schema: { schema } })],
  ['metadata', 0, (value: object) => value],
])('createCheck() refuses %s that are nested too deep', (param, own, wish) => {
  const messages = [{ role: 'user', content: 'x' }]
  expect(ask({ messages, [param]: wish(nested(BOUNDS.fieldLevels - own)) }).prompt).toBe('x')
  for (const levels of [BOUNDS.fieldLevels + 1, 20_000]) {
    const body = { messages, [param]: wish(nested(levels)) }
    expect(() => ask(body)).toThrow(expect.objectContaining({ param, status: 400 }))
  }
})
