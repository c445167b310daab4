import { expect, it } from 'vitest'
import type { AnswerPart } from '../../../../daemon/server/openai/answer-reader.ts'
import { createChatWords, toChatCompletion } from '../../../../daemon/server/openai/chat-words.ts'
import { createResponsesWords } from '../../../../daemon/server/openai/responses-words.ts'
import { NatterError } from '../../../../src/protocol/errors.ts'
import { createId } from '../../../../src/protocol/ids.ts'
import type { FinishReason, Usage } from '../../../../src/protocol/stream.ts'

const facts = { turnId: createId('trn'), createdAt: 1_700_000_000 }
const USAGE: Usage = {
  ...{ inputTokens: 10, outputTokens: 4, cachedInputTokens: 6, cacheWriteTokens: 1, reasoningTokens: 2 },
  estimated: false,
}
const ending = (reason: FinishReason) => ({ finish: { reason, raw: null }, usage: USAGE, failure: null })
const call = (callId: string, words: string): AnswerPart => ({
  type: 'tool-call-delta',
  callId,
  name: 'f',
  text: words,
})
const dataOf = (text: string) => text.split('\n\n').flatMap((event) => /^data: ([^\n]*)/m.exec(event)?.[1] ?? [])

it('createChatWords() writes text with line breaks, quotes and halves of characters as JSON', () => {
  const words = createChatWords(facts, false)
  words.begin('a/"b"')
  const [data] = dataOf(words.part({ type: 'text-delta', text: 'a "b"\n\ndata: c\u2028\ud83d' }))
  expect(JSON.parse(String(data))).toEqual({
    id: `chatcmpl-${facts.turnId.slice(4)}`,
    object: 'chat.completion.chunk',
    created: 1_700_000_000,
    model: 'a/"b"',
    choices: [{ index: 0, delta: { content: 'a "b"\n\ndata: c\u2028\ud83d' }, logprobs: null, finish_reason: null }],
  })
})

it('createChatWords() numbers calls, names them once, and gives those without arguments an object', () => {
  const words = createChatWords(facts, false)
  words.begin('a/b')
  const parts = [call('x', '{"a"'), call('y', ''), call('x', ':1}')].map((part) => words.part(part)).join('')
  const [done, ...rest] = dataOf(parts + words.end(ending('tool-calls'))).toReversed()
  expect(done).toBe('[DONE]')
  const choices = rest.toReversed().map((data) => JSON.parse(data).choices[0])
  expect(choices.map(({ delta }) => delta.tool_calls?.[0])).toEqual([
    { index: 0, id: 'x', type: 'function', function: { name: 'f', arguments: '{"a"' } },
    { index: 1, id: 'y', type: 'function', function: { name: 'f', arguments: '' } },
    { index: 0, function: { arguments: ':1}' } },
    { index: 1, function: { arguments: '{}' } },
    undefined,
  ])
  expect(choices.at(-1).finish_reason).toBe('tool_calls')
})

it('createChatWords() tells usage in a last chunk without choices, and null before, to those who ask', () => {
  const words = createChatWords(facts, true)
  const first = words.begin('a/b')
  const events = dataOf(first + words.part({ type: 'text-delta', text: 'x' }) + words.end(ending('length')))
  const chunks = events.slice(0, -1).map((data) => JSON.parse(data))
  expect(chunks.map(({ usage }) => usage)).toEqual([null, null, null, expect.any(Object)])
  expect(chunks.at(-2).choices[0].finish_reason).toBe('length')
  expect(chunks.at(-1)).toMatchObject({
    choices: [],
    usage: {
      ...{ prompt_tokens: 10, completion_tokens: 4, total_tokens: 14 },
      prompt_tokens_details: { cached_tokens: 6, cache_write_tokens: 1 },
      completion_tokens_details: { reasoning_tokens: 2 },
    },
  })
})

it.each([
  ['stop', 'stop'],
  ['length', 'length'],
  ['content-filter', 'content_filter'],
  ['tool-calls', 'stop'],
  ['other', 'stop'],
] as const)('toChatCompletion() calls %s %s where there is no call', (reason, expected) => {
  const answer = { model: 'a/b', parts: [{ type: 'text' as const, text: 'x' }], ...ending(reason) }
  expect(toChatCompletion(facts, answer)).toMatchObject({ choices: [{ finish_reason: expected }] })
})

it('toChatCompletion() has no content where there are only calls', () => {
  const parts = [{ type: 'tool-call' as const, callId: 'x', name: 'f', text: '' }]
  expect(toChatCompletion(facts, { model: 'a/b', parts, ...ending('stop') })).toMatchObject({
    choices: [
      {
        finish_reason: 'tool_calls',
        message: { content: null, tool_calls: [{ id: 'x', function: { name: 'f', arguments: '{}' } }] },
      },
    ],
  })
})

it('createResponsesWords() keeps calls apart that are written side by side, and closes all', () => {
  const words = createResponsesWords({ ...facts, body: { input: 'x' }, truncation: 'disabled' })
  const text =
    words.begin('a/b') +
    words.part({ type: 'text-delta', text: 'Let me see' }) +
    [call('x', '{'), call('y', '{'), call('x', '}'), call('y', '}')].map((part) => words.part(part)).join('') +
    words.end(ending('tool-calls'))
  const events = dataOf(text).map((data) => JSON.parse(data))
  expect(events.map(({ sequence_number: number }) => number)).toEqual(events.map((_, index) => index))
  expect(events.filter(({ type }) => type === 'response.output_item.done').map(({ item }) => item)).toMatchObject([
    { type: 'message', content: [{ text: 'Let me see' }] },
    { type: 'function_call', call_id: 'x', arguments: '{}', status: 'completed' },
    { type: 'function_call', call_id: 'y', arguments: '{}', status: 'completed' },
  ])
  expect(events.at(-1)).toMatchObject({
    type: 'response.completed',
    response: { output: [{ type: 'message' }, { call_id: 'x' }, { call_id: 'y' }], usage: { total_tokens: 14 } },
  })
})

it('createResponsesWords() of a failure tells what came, and that it is not all', () => {
  const words = createResponsesWords({ ...facts, body: { input: 'x' }, truncation: 'disabled' })
  const text = words.begin('a/b') + words.part({ type: 'text-delta', text: 'half' })
  const failure = new NatterError('overloaded', 'The server is busy', { hint: 'Try again' })
  const last = dataOf(text + words.fail(failure)).at(-1)
  expect(JSON.parse(String(last))).toMatchObject({
    type: 'response.failed',
    response: {
      status: 'failed',
      error: { code: 'server_is_overloaded', message: 'The server is busy. Try again' },
      output: [{ status: 'incomplete', content: [{ text: 'half' }] }],
    },
  })
})
