// natter history set: what holds for all later turns of a conversation.

import { NatterError } from '../../protocol/errors.ts'
import type { Conversation } from '../../protocol/schema/entities.ts'
import type { CommandContext } from '../context.ts'

interface SetOptions {
  /** `default`: what the settings say. */
  readonly fallback?: NonNullable<Conversation['fallback']> | 'default'
}

export async function setConversation(context: CommandContext, reference: string, options: SetOptions): Promise<void> {
  const { client, signal } = context
  if (options.fallback === undefined) {
    throw new NatterError('usage', 'Cannot set: there is nothing to change', {
      hint: 'For example: natter history set CONVERSATION --fallback never',
    })
  }
  const fallback = options.fallback === 'default' ? null : options.fallback
  const { conversation } = await client.call('conversations.get', { reference }, signal)
  await client.call('conversations.update', { conversationId: conversation.conversationId, fallback }, signal)
  context.note(`"${conversation.title}": ${describe(fallback)}`)
}

function describe(fallback: Conversation['fallback']): string {
  switch (fallback) {
    case 'never':
      return 'no other model answers'
    case 'ask':
      return 'another model answers where you say so'
    case 'auto':
      return 'another model answers where its own cannot be had'
    case null:
      return 'what the settings say of fallback holds again'
  }
}
