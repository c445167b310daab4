// Conversations and messages, page by page, so that the longest history fits into little memory.

import { BOUNDS } from '../../protocol/bounds.ts'
import type { ConversationId, MessageId } from '../../protocol/ids.ts'
import type { Conversation, Message } from '../../protocol/schema/entities.ts'
import type { RequestOf } from '../../protocol/schema/operations.ts'
import type { CommandContext } from '../context.ts'

type Reading = Pick<CommandContext, 'client' | 'signal'>

/** Last used first. */
export async function* readConversations(
  { client, signal }: Reading,
  query = '',
): AsyncGenerator<readonly Conversation[]> {
  let request: RequestOf<'conversations.list'> = { limit: BOUNDS.pageSize, query }
  for (;;) {
    const { conversations } = await client.call('conversations.list', request, signal)
    if (conversations.length > 0) yield conversations
    const last = conversations.at(-1)
    if (last === undefined || conversations.length < BOUNDS.pageSize) return
    request = { ...request, before: last.usedAt }
  }
}

/** Messages may be large, so a page holds few. */
const PAGE = 50

/** The branch in view, oldest first, as it was when the reading began. Only where pages begin is kept meanwhile. */
export async function* readMessages(
  { client, signal }: Reading,
  conversationId: ConversationId,
): AsyncGenerator<readonly Message[]> {
  const newest = await client.call('messages.list', { conversationId, limit: PAGE }, signal)
  const starts: MessageId[] = []
  let page = newest
  for (;;) {
    const first = page.messages[0]
    if (!page.hasMore || first === undefined) break
    starts.push(first.messageId)
    page = await client.call('messages.list', { conversationId, limit: PAGE, before: first.messageId }, signal)
  }
  for (const before of starts.reverse()) {
    yield (await client.call('messages.list', { conversationId, limit: PAGE, before }, signal)).messages
  }
  yield newest.messages
}
