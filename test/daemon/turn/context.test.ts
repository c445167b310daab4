import { expect, it } from 'vitest'
import { toMessage } from '../../../daemon/providers/provider.ts'
import { toProviderMessages } from '../../../daemon/turn/context.ts'
import { createId } from '../../../src/protocol/ids.ts'
import type { Message } from '../../../src/protocol/schema/entities.ts'

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
    createdAt: 0,
  }
}

it('toProviderMessages() sends text in order, without reasoning', () => {
  expect(toProviderMessages([message('user', 'a'), message('assistant', 'b'), message('user', 'c')])).toEqual([
    toMessage('user', 'a'),
    toMessage('assistant', 'b'),
    toMessage('user', 'c'),
  ])
})

it.each([{ type: 'cancelled' } as const, failed])(
  'toProviderMessages() marks a reply that ended early (%j)',
  (outcome) => {
    const [, reply] = toProviderMessages([
      message('user', 'a'),
      message('assistant', 'half', outcome),
      message('user', 'c'),
    ])
    expect(reply).toEqual(toMessage('assistant', 'half\n\n[interrupted]'))
  },
)

it('toProviderMessages() leaves out an empty reply and joins the questions around it, since roles must alternate', () => {
  expect(toProviderMessages([message('user', 'a'), message('assistant', '', failed), message('user', 'b')])).toEqual([
    toMessage('user', 'a\n\nb'),
  ])
})

it('toProviderMessages() never begins with an answer', () => {
  expect(toProviderMessages([message('assistant', 'cut'), message('user', 'a')])).toEqual([toMessage('user', 'a')])
})
