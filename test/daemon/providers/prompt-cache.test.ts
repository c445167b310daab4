// When Anthropic is asked to remember the beginning of a prompt, and what it costs then.

import { expect, it } from 'vitest'
import { type ProviderRequest, toMessage } from '../../../daemon/providers/provider.ts'
import { createProviders } from '../../../daemon/providers/registry.ts'
import { collect } from '../../contracts/provider.ts'
import { startByteServer } from '../../helpers/byte-server.ts'
import { endpointOf } from '../../helpers/endpoint.ts'
import { WIRES } from '../../helpers/wire.ts'

const LONG = 'long '.repeat(2000)
const MARK = { cache_control: { type: 'ephemeral' } }
const TOOL = { name: 'get_time', description: LONG, parameters: null, strict: null }
const TOOLS = { tools: [TOOL], choice: null, parallel: null }

it('a conversation that goes on is marked at the end of its instructions and at its own end', async () => {
  const body = await sent({ system: 'Be brief.' })
  expect(body.system).toEqual([{ type: 'text', text: 'Be brief.', ...MARK }])
  expect(body.messages).toEqual([
    { role: 'user', content: LONG },
    { role: 'assistant', content: 'b' },
    { role: 'user', content: [{ type: 'text', text: 'c', ...MARK }] },
  ])
})

it('tools are marked where there is no system prompt behind them', async () => {
  const body = await sent({ messages: [toMessage('user', 'x')], tools: TOOLS })
  expect(body.tools).toMatchObject([{ name: 'get_time', ...MARK }])
  expect(body.messages).toEqual([{ role: 'user', content: [{ type: 'text', text: 'x', ...MARK }] }])
})

it.each<readonly [string, Partial<ProviderRequest>]>([
  ['a first question without tools, however long', { messages: [toMessage('user', LONG)] }],
  [
    'a short conversation',
    { messages: ['a', 'b', 'c'].map((text, at) => toMessage(at === 1 ? 'assistant' : 'user', text)) },
  ],
  ['what is shorter than the cache of the model asks for', { model: 'claude-opus-4-6' }],
  ['a conversation with a model of somebody else', { model: 'qwen3' }],
])('%s is not marked', async (_name, given) => {
  expect(JSON.stringify(await sent(given))).not.toContain('cache_control')
})

async function sent(given: Partial<ProviderRequest>) {
  const wire = WIRES.anthropic
  await using server = await startByteServer({ chunks: [wire.start + wire.delta('hi') + wire.end] })
  const providers = createProviders()
  const provider = providers.provider(endpointOf({ format: 'anthropic', baseUrl: server.url }))
  const messages = [toMessage('user', LONG), toMessage('assistant', 'b'), toMessage('user', 'c')]
  const request = { model: 'claude-sonnet-5-5', system: null, messages, parameters: {}, ...given }
  expect((await collect(provider, request)).error).toBeNull()
  await providers.close()
  return JSON.parse(server.calls[0]?.body ?? '')
}
