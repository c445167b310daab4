// natter history rename.

import { BOUNDS } from '../../protocol/bounds.ts'
import { NatterError } from '../../protocol/errors.ts'
import type { CommandContext } from '../context.ts'

export async function rename(context: CommandContext, reference: string, words: readonly string[]): Promise<void> {
  const { client, signal } = context
  const title = words.join(' ').replace(/\s+/g, ' ').trim()
  if (title === '') throw new NatterError('usage', 'Cannot rename: the new title is empty')
  if (title.length > BOUNDS.titleChars) {
    throw new NatterError(
      'usage',
      `Cannot rename: the title has ${title.length} characters, ${BOUNDS.titleChars} are allowed`,
    )
  }
  const { conversation } = await client.call('conversations.get', { reference }, signal)
  await client.call('conversations.update', { conversationId: conversation.conversationId, title }, signal)
  context.note(`renamed "${conversation.title}" to "${title}"`)
}
