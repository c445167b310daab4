// natter history list.

import { shortId } from '../../protocol/ids.ts'
import type { Conversation } from '../../protocol/schema/entities.ts'
import { formatRelativeTime } from '../../render/plain.ts'
import type { CommandContext } from '../context.ts'
import { costOfAll } from '../money.ts'
import { writeJson, writeTable } from '../print.ts'
import { readConversations } from './pages.ts'

const COLUMNS = [
  { title: 'CHAT' },
  { title: 'LAST USED' },
  { title: 'MESSAGES', align: 'right' },
  { title: 'COST', align: 'right' },
  { title: 'TITLE', narrows: 'cut' },
] as const

interface ListOptions {
  readonly limit: number
  readonly json?: boolean
}

export async function list(context: CommandContext, words: readonly string[], options: ListOptions): Promise<void> {
  const query = words.join(' ')
  const { found, hasMore } = await take(context, query, options.limit)
  if (options.json === true) {
    writeJson(context, found)
    return
  }
  if (found.length === 0) {
    context.note(query === '' ? 'there is no conversation yet' : `no title has "${query}" in it`)
    return
  }
  writeTable(
    context,
    found.map((conversation) => toRow(conversation, Date.now())),
    COLUMNS,
  )
  if (hasMore) context.note(`there are more; see them with --limit ${options.limit * 10}`)
}

interface Taken {
  readonly found: readonly Conversation[]
  readonly hasMore: boolean
}

async function take(context: CommandContext, query: string, limit: number): Promise<Taken> {
  const found: Conversation[] = []
  for await (const page of readConversations(context, query)) {
    found.push(...page)
    if (found.length > limit) return { found: found.slice(0, limit), hasMore: true }
  }
  return { found, hasMore: false }
}

function toRow(conversation: Conversation, now: number): readonly string[] {
  const { conversationId, title, messageCount, costMicros, unpricedAnswers: unpriced, usedAt } = conversation
  const cost = costOfAll({ costMicros, unpriced })
  return [shortId(conversationId), formatRelativeTime(usedAt, now), String(messageCount), cost, title]
}
