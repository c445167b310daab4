// A server behind OpenAI's name that has no Responses API.

import { expect, it } from 'vitest'
import { type ProviderRequest, toMessage } from '../../../daemon/providers/provider.ts'
import { createProviders } from '../../../daemon/providers/registry.ts'
import { textOf } from '../../../src/protocol/stream.ts'
import { ask, collect } from '../../contracts/provider.ts'
import { type Reply, startByteServer } from '../../helpers/byte-server.ts'
import { endpointOf } from '../../helpers/endpoint.ts'
import { WIRES } from '../../helpers/wire.ts'

type Way = 'responses' | 'chat'
const ANSWERS: { [Name in Way]: Reply } = {
  responses: streamed('openai-responses'),
  chat: streamed('openai-chat'),
}

function streamed(format: 'openai-responses' | 'openai-chat'): Reply {
  const { start, delta, end } = WIRES[format]
  return { headers: { 'content-type': 'text/event-stream' }, chunks: [start, delta(format), end] }
}

function refusal(status: number, body: string): Reply {
  const headers = { 'content-type': 'application/json', 'content-length': `${Buffer.byteLength(body)}` }
  return { status, headers, chunks: [body] }
}

/** A provider named `openai` at a server that answers each of its addresses as given. */
async function open(given: Partial<typeof ANSWERS>) {
  const replies = { ...ANSWERS, ...given }
  const server = await startByteServer((response, request) => {
    const reply = replies[request.url?.endsWith('/responses') === true ? 'responses' : 'chat']
    response.writeHead(reply.status ?? 200, reply.headers).end(reply.chunks.join(''))
  })
  const providers = createProviders()
  const endpoint = endpointOf({ provider: 'openai', format: 'openai-responses', baseUrl: `${server.url}/v1` })
  return {
    replies,
    read: (request: ProviderRequest = ask('m', 'x')) => collect(providers.provider(endpoint), request),
    paths: () => server.calls.map(({ path }) => path),
    bodies: () => server.calls.map(({ body }) => JSON.parse(body) as { readonly [name: string]: unknown }),
    async [Symbol.asyncDispose]() {
      await providers.close()
      await server[Symbol.asyncDispose]()
    },
  }
}

it.each([
  ['vLLM', refusal(404, '{"detail":"Not Found"}')],
  ['llama.cpp', refusal(404, '{"error":{"code":404,"message":"File Not Found","type":"not_found_error"}}')],
  ['a plain page', refusal(405, 'Method Not Allowed')],
  ['one that says so', refusal(501, '')],
  ['LM Studio', refusal(200, '{"error":"Unexpected endpoint or method. (POST /v1/responses). Returning 200 anyway"}')],
])(
  'stream() goes over to Chat Completions where there are no Responses, as with %s, and stays there',
  async (_, no) => {
    await using opened = await open({ responses: no })
    for (let round = 0; round < 2; round += 1) {
      const { reply, error, head } = await opened.read()
      expect(error).toBeNull()
      expect(textOf(reply.parts)).toBe('openai-chat')
      expect(head?.status).toBe(200)
    }
    expect(opened.paths()).toEqual(['/v1/responses', '/v1/chat/completions', '/v1/chat/completions'])
  },
)

it('stream() takes tools, formats, pictures and limits over to Chat Completions', async () => {
  await using opened = await open({ responses: refusal(404, '') })
  const image = { type: 'image', mediaType: 'image/png', base64: 'AAAA', detail: null } as const
  const tool = { name: 'look', description: null, parameters: null, strict: null }
  await opened.read({
    ...ask('m', 'x', { maxOutputTokens: 5, reasoningEffort: 'max', stop: ['END'] }),
    messages: [{ role: 'user', content: [image, ...toMessage('user', 'what?').content] }],
    tools: { tools: [tool], choice: 'required', parallel: null },
    responseFormat: { type: 'json' },
  })
  expect(opened.bodies()[1]).toMatchObject({
    model: 'm',
    messages: [
      { role: 'system', content: 'Be brief.' },
      { role: 'user', content: [{ type: 'image_url' }, { type: 'text', text: 'what?' }] },
    ],
    tools: [{ type: 'function', function: { name: 'look' } }],
    tool_choice: 'required',
    response_format: { type: 'json_object' },
    max_tokens: 5,
    reasoning_effort: 'high',
    stop: ['END'],
  })
})

it.each([
  ['its model is missing', 404, '{"error":{"message":"The model `m` does not exist.","type":"NotFoundError"}}'],
  ['it refuses the request', 400, '{"error":{"message":"no"}}'],
])('stream() does not go over where %s', async (_, status, body) => {
  await using opened = await open({ responses: refusal(status, body) })
  expect((await opened.read()).error).toMatchObject({ message: expect.stringContaining(`${status}`) })
  expect(opened.paths()).toEqual(['/v1/responses'])
})

it('stream() asks for Responses again once Chat Completions are gone too, or never were there', async () => {
  await using opened = await open({ responses: refusal(404, '') })
  await opened.read()
  opened.replies.chat = refusal(404, '')
  expect((await opened.read()).error).toMatchObject({ code: 'protocol-error' })
  expect((await opened.read()).error).toMatchObject({ code: 'protocol-error' })
  expect(opened.paths()).toEqual([
    ...['/v1/responses', '/v1/chat/completions'],
    '/v1/chat/completions',
    ...['/v1/responses', '/v1/chat/completions'],
  ])
  opened.replies.responses = ANSWERS.responses
  expect(textOf((await opened.read()).reply.parts)).toBe('openai-responses')
})

it('stream() reads a short answer in one JSON body as it is', async () => {
  const body = { status: 'completed', output: [{ type: 'message', content: [{ type: 'output_text', text: 'ok' }] }] }
  await using opened = await open({ responses: refusal(200, JSON.stringify(body)) })
  const { reply, error } = await opened.read()
  expect([textOf(reply.parts), error]).toEqual(['ok', null])
})
