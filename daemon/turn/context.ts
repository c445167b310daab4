// What of a conversation is sent: its branch, oldest first, as the provider's messages.

import type { Message } from '../../src/protocol/schema/entities.ts'
import { textOf } from '../../src/protocol/stream.ts'
import { type ProviderMessage, toMessage } from '../providers/provider.ts'

/** The newest messages of a branch that are ever looked at. */
export const CONTEXT_MESSAGES = 2_000

/**
 * A reply that was stopped or broken is followed by `[interrupted]`, so that the model knows its own words ended
 * early; an empty one is left out, and so is the question it left unanswered joined with the next, since vendors
 * ask for alternating roles. `unsaved` is a question that is not of the branch.
 */
export function toProviderMessages(
  branch: readonly Message[],
  unsaved: string | null = null,
): readonly ProviderMessage[] {
  const said = branch.map((message) => ({ role: message.role, text: textToSend(message) }))
  if (unsaved !== null) said.push({ role: 'user', text: unsaved })
  const messages: { role: ProviderMessage['role']; text: string }[] = []
  for (const { role, text } of said) {
    if (text === '') continue
    const last = messages.at(-1)
    if (last?.role === role) last.text += `\n\n${text}`
    else messages.push({ role, text })
  }
  // A branch cut at its limit may begin with an answer, which vendors refuse.
  return messages.slice(messages[0]?.role === 'assistant' ? 1 : 0).map(({ role, text }) => toMessage(role, text))
}

function textToSend(message: Message): string {
  const text = textOf(message.parts)
  const ended = message.role === 'user' || message.outcome?.type === 'completed'
  return ended || text === '' ? text : `${text}\n\n[interrupted]`
}
