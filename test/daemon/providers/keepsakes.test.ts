// What goes back to a vendor with a call, although the client could not carry it.

import { readFileSync } from 'node:fs'
import { expect, it } from 'vitest'
import { createKeepsakeRoom } from '../../../daemon/providers/keepsakes.ts'
import {
  type Endpoint,
  type ProviderMessage,
  type ProviderRequest,
  toMessage,
} from '../../../daemon/providers/provider.ts'
import { createProviders } from '../../../daemon/providers/registry.ts'
import type { MessagePart } from '../../../src/protocol/stream.ts'
import { collect } from '../../contracts/provider.ts'
import { type ByteServer, type Reply, startByteServer } from '../../helpers/byte-server.ts'
import { endpointOf } from '../../helpers/endpoint.ts'
import { type NetworkFormat, WIRES } from '../../helpers/wire.ts'

const FIXTURES = new URL('../../fixtures/providers/', import.meta.url)
const TOOLS = {
  tools: ['get_weather', 'get_time'].map((name) => ({ name, description: null, parameters: null, strict: null })),
  choice: null,
  parallel: null,
}
const HERE = { baseUrl: 'http://a', apiKey: 'k' }
const CALL = { callId: 'call_1', name: 'get_time', text: '{"zone": "CET"}' }

it('createKeepsakeRoom() finds the same call again, however its arguments are spaced', () => {
  const kept = createKeepsakeRoom<string>().of(HERE, 'm')
  kept.keep(CALL, 'signature')
  expect(kept.recall({ ...CALL, text: '{"zone":"CET"}' })).toBe('signature')
  kept.forget(CALL)
  expect(kept.recall(CALL)).toBeUndefined()
})

it.each([
  ['of another model', HERE, 'other', CALL],
  ['at another address', { ...HERE, baseUrl: 'http://b' }, 'm', CALL],
  ['with another key', { ...HERE, apiKey: 'other' }, 'm', CALL],
  ['with other arguments', HERE, 'm', { ...CALL, text: '{}' }],
] as const)('createKeepsakeRoom() knows nothing of a call %s', (_name, endpoint, model, call) => {
  const room = createKeepsakeRoom<string>()
  room.of(HERE, 'm').keep(CALL, 'signature')
  expect(room.of(endpoint, model).recall(call)).toBeUndefined()
})

it('createKeepsakeRoom() gives up the oldest when it is full', () => {
  const kept = createKeepsakeRoom<string>(1000).of(HERE, 'm')
  const calls = [1, 2, 3, 4].map((id) => ({ ...CALL, callId: `call_${id}` }))
  for (const call of calls) kept.keep(call, 'x'.repeat(300))
  expect(calls.map((call) => kept.recall(call) !== undefined)).toEqual([false, false, true, true])
})

it('Anthropic gets its answer back as it came, thoughts included', async () => {
  const { bodies } = await loop('anthropic', 'anthropic-tool-parallel.sse', 'claude-opus-5-5')
  expect(bodies[1]).toMatchObject({
    thinking: { type: 'adaptive' },
    messages: [
      {},
      {
        role: 'assistant',
        content: [
          { type: 'thinking', thinking: 'Two things.', signature: 'EqQBCg==' },
          { type: 'redacted_thinking', data: 'EmwKAh' },
          { type: 'text', text: 'Looking.' },
          { type: 'tool_use', id: 'toolu_1', name: 'get_weather', input: { city: 'Oslo ❄' } },
          { type: 'tool_use', id: 'toolu_2', name: 'get_time', input: {} },
        ],
      },
      { role: 'user', content: [{ type: 'tool_result', tool_use_id: 'toolu_1' }, { tool_use_id: 'toolu_2' }] },
    ],
  })
})

it('Anthropic gets no thoughts where those of one answer are lost, and none may be asked for by budget', async () => {
  await using server = await startByteServer(whole('anthropic'))
  await using opened = open(server, 'anthropic')
  const model = 'claude-sonnet-4-5'
  await collect(opened.provider, request(model, answered([{ type: 'tool-call', ...CALL }])))
  const body = JSON.parse(server.calls[0]?.body ?? '')
  expect(body).not.toHaveProperty('thinking')
  expect(body.messages[1].content).toEqual([
    { type: 'tool_use', id: 'call_1', name: 'get_time', input: { zone: 'CET' } },
  ])
})

it('Anthropic with a budget for thoughts is not asked to think where a tool must be called', async () => {
  await using server = await startByteServer(whole('anthropic'))
  await using opened = open(server, 'anthropic')
  const asked = request('claude-sonnet-4-5', [toMessage('user', 'x')])
  await collect(opened.provider, { ...asked, tools: { ...TOOLS, choice: 'required' } })
  await collect(opened.provider, asked)
  const bodies = server.calls.map(({ body }) => JSON.parse(body))
  expect(bodies.map((body) => 'thinking' in body)).toEqual([false, true])
})

it('Anthropic is asked again without thoughts that it refuses, and goes on thinking in other conversations', async () => {
  const message =
    'messages.1.content.0: Invalid `signature` in `thinking` block. The block is bound to a different conversation.'
  const { bodies } = await loop('anthropic', 'anthropic-tool-parallel.sse', 'claude-opus-5-5', [refusal(message)])
  expect(bodies).toHaveLength(4)
  expect(JSON.stringify(bodies[1])).toContain('EqQBCg==')
  expect(JSON.stringify(bodies[2])).not.toContain('EqQBCg==')
  expect(bodies[2]).not.toHaveProperty('thinking')
  expect(bodies[3], 'the same request once more').toHaveProperty('thinking')
  expect(JSON.stringify(bodies[3])).not.toContain('EqQBCg==')
})

it('Gemini gets the signature of its thoughts back with the call that it came with', async () => {
  const { bodies } = await loop('gemini', 'gemini-tool.sse', 'gemini-3.8-flash')
  const contents = bodies[1]?.['contents'] as readonly { parts: readonly Record<string, unknown>[] }[]
  expect(contents[1]?.parts.map((part) => part['thoughtSignature'])).toEqual([
    undefined,
    'CkYB==',
    undefined,
    undefined,
  ])
  const ids = contents[1]?.parts.slice(1).map((part) => (part['functionCall'] as { id: string }).id)
  expect(contents[2]?.parts.map((part) => (part['functionResponse'] as { id: string }).id)).toEqual(ids)
})

/** Asks, answers the calls of the recorded answer, asks once more with the same. */
async function loop(format: NetworkFormat, file: string, model: string, between: readonly Reply[] = []) {
  const first = { chunks: [readFileSync(new URL(file, FIXTURES))] }
  await using server = await startByteServer(first, ...between, whole(format))
  await using opened = open(server, format)
  const { reply } = await collect(opened.provider, request(model, [toMessage('user', 'Weather and time?')]))
  const messages = answered(reply.parts)
  for (let time = 0; time < 2; time += 1) {
    expect((await collect(opened.provider, request(model, messages))).error).toBeNull()
  }
  const bodies: Record<string, unknown>[] = server.calls.map(({ body }) => JSON.parse(body))
  return { bodies }
}

/** As a client sends it that knows text and calls only. */
function answered(parts: readonly MessagePart[]): readonly ProviderMessage[] {
  const content = parts.flatMap((part) => (part.type === 'reasoning' ? [] : [part]))
  const results = content.flatMap((part) =>
    part.type === 'tool-call'
      ? [{ type: 'tool-result' as const, callId: part.callId, name: part.name, text: 'fine' }]
      : [],
  )
  return [toMessage('user', 'Weather and time?'), { role: 'assistant', content }, { role: 'user', content: results }]
}

function request(model: string, messages: readonly ProviderMessage[]): ProviderRequest {
  return { model, system: null, messages, parameters: { reasoningEffort: 'low' }, tools: TOOLS }
}

function open(server: ByteServer, format: Endpoint['format']) {
  const providers = createProviders()
  const provider = providers.provider(endpointOf({ format, baseUrl: server.url }))
  return { provider, [Symbol.asyncDispose]: () => providers.close() }
}

function whole(format: NetworkFormat): Reply {
  return { chunks: [WIRES[format].start + WIRES[format].delta('hi') + WIRES[format].end] }
}

function refusal(message: string): Reply {
  const body = JSON.stringify({ type: 'error', error: { message, type: 'invalid_request_error' } })
  return { status: 400, headers: { 'content-type': 'application/json' }, chunks: [body] }
}
