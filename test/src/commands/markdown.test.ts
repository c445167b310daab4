import { expect, it } from 'vitest'
import { markdownHead, markdownMessage } from '../../../src/commands/history/markdown.ts'
import { createId } from '../../../src/protocol/ids.ts'
import type { Message } from '../../../src/protocol/schema/entities.ts'

function answer(patch: Partial<Message>): Message {
  return {
    messageId: createId('msg'),
    conversationId: createId('cnv'),
    parentId: null,
    turnId: createId('trn'),
    role: 'assistant',
    parts: [{ type: 'text', text: 'said' }],
    model: 'demo/natter',
    outcome: { type: 'completed' },
    finish: { reason: 'stop', raw: null },
    usage: null,
    costMicros: null,
    cached: null,
    createdAt: Date.UTC(2026, 0, 2, 3, 4, 5),
    ...patch,
  }
}

it('markdownMessage() parts messages by a rule and says who spoke when', () => {
  expect(markdownMessage(answer({}))).toBe('\n---\n\n## Assistant (demo/natter)\n\n*2026-01-02 03:04 UTC*\n\nsaid\n')
})

it('markdownMessage() says of an answer that was given again when it was answered, and what that saved', () => {
  const cached = { createdAt: Date.UTC(2026, 0, 1), savedMicros: 10_000 }
  expect(markdownMessage(answer({ cached }))).toContain(
    '*2026-01-02 03:04 UTC · given again, as answered 2026-01-01 00:00 UTC, $0.01 saved*',
  )
})

it.each([
  [{ outcome: { type: 'cancelled' } }, '*[stopped]*'],
  [{ outcome: null }, '*[still being written]*'],
  [{ finish: { reason: 'length', raw: null } }, '*[cut off at its limit of output tokens]*'],
  [{ finish: { reason: 'content-filter', raw: 'SA\nFETY' } }, '*[refused or filtered (its provider says "SA FETY")]*'],
  [{ finish: { reason: 'tool-calls', raw: null } }, '*[ended where the model asked for a tool: natter runs none]*'],
  [{ outcome: { type: 'failed', error: { code: 'timeout', message: 'no\nword', hint: null } } }, '*[failed: no word]*'],
] as readonly [Partial<Message>, string][])('markdownMessage() of %j ends with %s', (patch, ending) => {
  expect(markdownMessage(answer(patch))).toBe(`${markdownMessage(answer({}))}\n${ending}\n`)
})

it.each([
  ['```js\nlet x', '```js\nlet x\n```\n'],
  ['```js\nlet x\n', '```js\nlet x\n```\n'],
  ['````\n```\nx', '````\n```\nx\n````\n'],
  ['```\nx\n```', '```\nx\n```\n'],
  ['~~~\nx\n```', '~~~\nx\n```\n~~~\n'],
])('markdownMessage() closes the fence of %j', (text, body) => {
  const parts: Message['parts'] = [{ type: 'text', text }]
  expect(markdownMessage(answer({ parts })).split('UTC*\n\n')[1]).toBe(body)
})

it('markdownMessage() quotes reasoning before the answer', () => {
  const parts: Message['parts'] = [
    { type: 'reasoning', text: 'one\n\ntwo\n' },
    { type: 'text', text: 'said' },
  ]
  expect(markdownMessage(answer({ parts }))).toContain('> **Reasoning**\n>\n> one\n> \n> two\n\nsaid\n')
})

it('markdownHead() keeps a title on its line and shows the system prompt', () => {
  const head = markdownHead({
    conversationId: createId('cnv'),
    title: 'two\nlines',
    model: null,
    system: 'Be brief.',
    parameters: {},
    fallback: 'never',
    leafId: null,
    messageCount: 0,
    costMicros: 1_500_000,
    unpricedAnswers: 0,
    createdAt: 0,
    usedAt: 0,
  })
  expect(head).toMatch(/^# two lines\n\n- Conversation: /)
  expect(head).toContain('- Fallback: never\n- Cost: $1.50\n')
  expect(head).toMatch(/## System prompt\n\nBe brief\.\n$/)
})
