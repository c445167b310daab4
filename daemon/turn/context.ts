// What of a conversation is sent: its branch, oldest first, as the provider's messages.

import type { MessageId } from '../../src/protocol/ids.ts'
import type { Message } from '../../src/protocol/schema/entities.ts'
import { textOf } from '../../src/protocol/stream.ts'
import { type ProviderMessage, toMessage } from '../providers/provider.ts'

/** The newest messages of a branch that are ever looked at. */
export const CONTEXT_MESSAGES = 2_000

export interface ContextMessage {
  readonly message: ProviderMessage
  /** The last of the stored messages that it is made of; null: it is stored nowhere. */
  readonly upTo: MessageId | null
}

interface Said {
  readonly role: ProviderMessage['role']
  text: string
  upTo: MessageId | null
}

/**
 * A reply that was stopped or broken is followed by `[interrupted]`, so that the model knows its own words ended
 * early; an empty one is left out, and so is the question it left unanswered joined with the next, since vendors
 * ask for alternating roles. `unsaved` is a question that is not of the branch.
 */
export function toContext(branch: readonly Message[], unsaved: string | null = null): readonly ContextMessage[] {
  const said: Said[] = branch.map((message) => ({
    role: message.role,
    text: textToSend(message),
    upTo: message.messageId,
  }))
  if (unsaved !== null) said.push({ role: 'user', text: unsaved, upTo: null })
  const messages: Said[] = []
  for (const { role, text, upTo } of said) {
    if (text === '') continue
    const last = messages.at(-1)
    if (last?.role === role) {
      last.text += `\n\n${text}`
      last.upTo = upTo
    } else {
      messages.push({ role, text, upTo })
    }
  }
  // A branch cut at its limit may begin with an answer, which vendors refuse.
  return messages
    .slice(messages[0]?.role === 'assistant' ? 1 : 0)
    .map(({ role, text, upTo }) => ({ message: toMessage(role, text), upTo }))
}

function textToSend(message: Message): string {
  const text = textOf(message.parts)
  const ended = message.role === 'user' || message.outcome?.type === 'completed'
  return ended || text === '' ? text : `${text}\n\n[interrupted]`
}
