import { expect, it } from 'vitest'
import { toMessage } from '../../../daemon/providers/provider.ts'
import { toContext } from '../../../daemon/turn/context.ts'
import { createId } from '../../../src/protocol/ids.ts'
import type { Message } from '../../../src/protocol/schema/entities.ts'

const toProviderMessages = (...given: Parameters<typeof toContext>) => toContext(...given).map(({ message }) => message)
const conversationId = createId('cnv')
const failed = { type: 'failed', error: { code: 'truncated', message: 'x', hint: null } } as const

function message(role: Message['role'], text: string, outcome: Message['outcome'] = null): Message {
  return {
    messageId: createId('msg'),
    conversationId,
    parentId: null,
    turnId: createId('trn'),
    role,
    parts: [
      { type: 'reasoning', text: 'never sent' },
      { type: 'text', text },
    ],
    model: null,
    outcome: role === 'assistant' ? (outcome ?? { type: 'completed' }) : null,
    finish: null,
    usage: null,
    costMicros: null,
    cached: null,
    createdAt: 0,
  }
}

it('toContext() sends text in order, without reasoning', () => {
  expect(toProviderMessages([message('user', 'a'), message('assistant', 'b'), message('user', 'c')])).toEqual([
    toMessage('user', 'a'),
    toMessage('assistant', 'b'),
    toMessage('user', 'c'),
  ])
})

it.each([{ type: 'cancelled' } as const, failed])('toContext() marks a reply that ended early (%j)', (outcome) => {
  const [, reply] = toProviderMessages([
    message('user', 'a'),
    message('assistant', 'half', outcome),
    message('user', 'c'),
  ])
  expect(reply).toEqual(toMessage('assistant', 'half\n\n[interrupted]'))
})

it('toContext() leaves out an empty reply and joins the questions around it, since roles must alternate', () => {
  expect(toProviderMessages([message('user', 'a'), message('assistant', '', failed), message('user', 'b')])).toEqual([
    toMessage('user', 'a\n\nb'),
  ])
})

it('toContext() never begins with an answer', () => {
  expect(toProviderMessages([message('assistant', 'cut'), message('user', 'a')])).toEqual([toMessage('user', 'a')])
})

it('toContext() knows the last message that each is made of', () => {
  const branch = [
    message('user', 'a'),
    message('assistant', '', failed),
    message('user', 'b'),
    message('assistant', 'c'),
  ]
  const ids = toContext(branch, 'd').map(({ upTo }) => upTo)
  expect(ids).toEqual([branch[2]?.messageId, branch[3]?.messageId, null])
})
