// What is kept of calls through the OpenAI door: nothing, unless somebody asks for it.

import { expect, it } from 'vitest'
import { startAimock } from '../helpers/aimock.ts'
import { clientOf, type Home } from '../helpers/home.ts'
import { openAiClientOf, vendorHome } from '../helpers/openai-client.ts'

const user = (content: string) => ({ role: 'user' as const, content })

async function conversationsOf(home: Home) {
  return (await clientOf(home).call('conversations.list', {})).conversations
}

it('a call is in no history, and its ledger row is written', async () => {
  await using aimock = await startAimock()
  await using home = vendorHome(aimock)
  await using client = await openAiClientOf(home)
  await client.sdk.chat.completions.create({ model: 'chat/m', messages: [user('think')] })
  expect(await conversationsOf(home)).toEqual([])
  const { rows } = await clientOf(home).call('usage.summary', { by: 'model' })
  expect(rows).toMatchObject([{ key: 'chat/m' }])
})

it('a named conversation keeps questions and answers, and sends what the client sent', async () => {
  await using aimock = await startAimock()
  await using home = vendorHome(aimock)
  await using client = await openAiClientOf(home)
  const { response } = await client.sdk.chat.completions
    .create({ model: 'chat/m', messages: [user('echo one')] }, { headers: { 'X-Natter-Conversation': 'new' } })
    .withResponse()
  const conversationId = response.headers.get('x-natter-conversation')
  expect(conversationId).toMatch(/^cnv_/)
  const second = await client.sdk.chat.completions.create(
    { model: 'chat/m', messages: [{ role: 'system', content: 'short' }, user('echo two')] },
    { headers: { 'X-Natter-Conversation': String(conversationId) } },
  )
  // The system message and the question: nothing of what was said before.
  expect(second.choices[0]?.message.content).toBe('model=m messages=2')
  const [conversation] = await conversationsOf(home)
  expect(conversation).toMatchObject({ conversationId, title: 'echo one', messageCount: 4 })
})

it('openai.keep keeps each call as a conversation of its own', async () => {
  await using aimock = await startAimock()
  await using home = vendorHome(aimock, { openai: { keep: true } })
  await using client = await openAiClientOf(home)
  await client.sdk.chat.completions.create({ model: 'chat/m', messages: [user('first')] })
  await client.sdk.responses.create({ model: 'chat/m', input: 'second' })
  const titles = (await conversationsOf(home)).map(({ title }) => title)
  expect(titles.toSorted()).toEqual(['first', 'second'])
})

it('a conversation that is not there is refused', async () => {
  await using aimock = await startAimock()
  await using home = vendorHome(aimock)
  await using client = await openAiClientOf(home)
  const error = await client.sdk.chat.completions
    .create({ model: 'chat/m', messages: [user('hi')] }, { headers: { 'X-Natter-Conversation': 'cnv_nothing' } })
    .catch((failure: unknown) => failure)
  expect(error).toMatchObject({ status: 404, code: 'not_found' })
})

it('the same question is answered again without a call where the client wants that', async () => {
  await using aimock = await startAimock()
  await using home = vendorHome(aimock)
  await using client = await openAiClientOf(home)
  const ask = () =>
    client.sdk.chat.completions.create(
      { model: 'chat/m', messages: [user('think')] },
      { headers: { 'X-Natter-Cache': 'use' } },
    )
  const [first, second] = [await ask(), await ask()]
  expect(second.choices[0]?.message).toEqual(first.choices[0]?.message)
  expect(second.usage).toMatchObject({ total_tokens: 0 })
  expect(aimock.requests).toHaveLength(1)
})
