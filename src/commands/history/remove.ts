// natter history rm: all is looked up and asked before anything is removed.

import { NatterError } from '../../protocol/errors.ts'
import { type ConversationId, shortId } from '../../protocol/ids.ts'
import type { Conversation } from '../../protocol/schema/entities.ts'
import { formatRelativeTime } from '../../render/plain.ts'
import { sanitizeLine } from '../../render/sanitize.ts'
import type { CommandContext } from '../context.ts'
import { count } from '../print.ts'
import { canAsk, confirm } from '../prompt-user.ts'

export async function remove(
  context: CommandContext,
  references: readonly string[],
  options: { readonly yes?: boolean },
): Promise<void> {
  const { client, signal, note } = context
  if (options.yes !== true && !canAsk(context)) {
    throw new NatterError('usage', 'Cannot remove conversations: there is no terminal to ask on', {
      hint: 'Add --yes to remove without asking',
    })
  }
  const conversations = await findAll(context, references)
  if (options.yes !== true && !(await isWanted(context, conversations))) {
    note('nothing was removed')
    return
  }
  for (const { conversationId, title } of conversations) {
    await stopAnswers(context, conversationId)
    const { deleted } = await client.call('conversations.delete', { conversationId }, signal)
    note(deleted ? `removed "${title}" (${shortId(conversationId)})` : `"${title}" was gone already`)
  }
}

/** What nobody will find again need not be paid for. */
async function stopAnswers({ client, signal }: CommandContext, conversationId: ConversationId): Promise<void> {
  const { turns } = await client.call('turns.list', {}, signal)
  const own = turns.filter((turn) => turn.conversationId === conversationId)
  await Promise.all(own.map(({ turnId }) => client.call('turns.cancel', { turnId }, signal)))
}

/** Each once, whatever names it; one that is not clear stops everything. */
async function findAll(
  { client, signal }: CommandContext,
  references: readonly string[],
): Promise<readonly Conversation[]> {
  const found = new Map<string, Conversation>()
  for (const reference of references) {
    const { conversation } = await client.call('conversations.get', { reference }, signal)
    found.set(conversation.conversationId, conversation)
  }
  return [...found.values()]
}

async function isWanted(context: CommandContext, conversations: readonly Conversation[]): Promise<boolean> {
  const now = Date.now()
  for (const { conversationId, title, messageCount, usedAt } of conversations) {
    const facts = `${count(messageCount, 'message')}, ${formatRelativeTime(usedAt, now)}`
    context.stderr.write(`  ${shortId(conversationId)}  ${sanitizeLine(title)}  (${facts})\n`)
  }
  return confirm(context, `Remove ${count(conversations.length, 'conversation')} for good?`)
}
