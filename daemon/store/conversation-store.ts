// Conversations: what is read at once, and what is written with the next group.

import { NatterError } from '../../src/protocol/errors.ts'
import type { ConversationId } from '../../src/protocol/ids.ts'
import type { Conversation } from '../../src/protocol/schema/entities.ts'
import type { GroupCommit } from './group-commit.ts'
import type { Read } from './read.ts'
import type { ConversationPatch, ConversationStore, LatestConversation, NewConversation, Place } from './store.ts'
import type { Tables } from './tables.ts'

export function createConversationStore(tables: Tables, group: GroupCommit, read: Read): ConversationStore {
  return {
    create: (conversation) => group.write('Cannot create conversation', () => createConversation(tables, conversation)),
    get: (conversationId) => read(() => tables.conversations.get(conversationId)),
    find: (reference, limit) => read(() => find(tables, reference, limit)),
    list: (page) => read(() => tables.conversations.list(page)),
    latest: (place) => read(() => latest(tables, place)),
    update: (conversationId, patch) =>
      group.write(`Cannot change conversation "${conversationId}"`, () => update(tables, conversationId, patch)),
    summary: (conversationId) => read(() => tables.summaries.get(conversationId)),
    keepSummary: (conversationId, summary) =>
      group.write(`Cannot keep a summary of conversation "${conversationId}"`, () => {
        if (tables.conversations.titleOf(conversationId) !== null) tables.summaries.put(conversationId, summary)
      }),
    delete: (conversationId) =>
      group.write(`Cannot delete conversation "${conversationId}"`, () => remove(tables, conversationId)),
  }
}

/** Within a transaction. Its title is searched for with its first turn. */
export function createConversation(tables: Tables, conversation: NewConversation): Conversation {
  const { conversationId } = conversation
  if (tables.conversations.titleOf(conversationId) !== null) {
    throw new NatterError('conflict', `Cannot create conversation "${conversationId}": there is one of that id`)
  }
  return tables.conversations.insert(conversation)
}

function find(tables: Tables, reference: string, limit: number): readonly Conversation[] {
  const exact = tables.conversations.get(reference.trim())
  if (exact !== null) return [exact]
  const byDigits = tables.conversations.findByDigits(reference, limit)
  if (byDigits.length > 0) return byDigits
  const byTitle = tables.conversations.findByTitle(reference, limit)
  if (byTitle.length > 0) return byTitle
  return reference === '' ? [] : tables.conversations.list({ limit, query: reference })
}

function latest(tables: Tables, place: Place): LatestConversation {
  for (const [kind, name] of [['terminal', place.tty] as const, ['directory', place.directory] as const]) {
    const conversationId = name === null ? null : tables.places.latestAt(kind, name)
    if (conversationId !== null) return { conversation: tables.conversations.get(conversationId), match: kind }
  }
  const [conversation = null] = tables.conversations.list({ limit: 1 })
  return { conversation, match: conversation === null ? null : 'anywhere' }
}

function update(tables: Tables, conversationId: ConversationId, patch: ConversationPatch): Conversation | null {
  const conversation = tables.conversations.get(conversationId)
  if (conversation === null) return null
  const { leafId, title } = patch
  if (leafId !== undefined && tables.messages.conversationOf(leafId) !== conversationId) {
    throw new NatterError(
      'not-found',
      `Cannot change conversation "${conversationId}": message "${leafId}" is not part of it`,
    )
  }
  const renamed = title !== undefined && title !== conversation.title
  if (renamed) tables.search.removeTitle(conversationId)
  tables.conversations.update(conversation, patch)
  if (renamed) tables.search.addTitle(conversationId)
  return tables.conversations.get(conversationId)
}

/** Foreign keys take messages, parts, chunks, turns and places along. */
function remove(tables: Tables, conversationId: ConversationId): boolean {
  tables.ledger.open(conversationId)
  tables.search.removeMessages(conversationId)
  tables.search.removeTitle(conversationId)
  const deleted = tables.conversations.delete(conversationId)
  if (deleted) tables.turns.unsettle()
  return deleted
}
