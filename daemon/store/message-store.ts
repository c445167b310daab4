// Messages, read along the branch they stand on; search runs on its worker.

import type { ConversationId, MessageId } from '../../src/protocol/ids.ts'
import type { Read } from './read.ts'
import type { SearchIndexer } from './search-indexer.ts'
import type { MessagePage, MessageStore } from './store.ts'
import type { Tables } from './tables.ts'
import type { StoreWorker } from './worker-client.ts'

export interface MessageStoreParts {
  readonly tables: Tables
  readonly worker: StoreWorker
  readonly indexer: SearchIndexer
  readonly read: Read
}

export function createMessageStore({ tables, worker, indexer, read }: MessageStoreParts): MessageStore {
  return {
    get: (messageId) => read(() => tables.messages.get(messageId)),
    page: (conversationId, { limit, before }) => read(() => page(tables, conversationId, limit, before)),
    branch: (leafId, limit) => read(() => tables.messages.branch(leafId, limit)),
    search: (query, limit) => {
      indexer.flush()
      return worker.run({ type: 'search', query, limit })
    },
  }
}

function page(tables: Tables, conversationId: ConversationId, limit: number, before?: MessageId): MessagePage {
  const leafId = before === undefined ? tables.conversations.get(conversationId)?.leafId : parentOf(before)
  if (leafId === undefined || leafId === null) return { messages: [], hasMore: false }
  const messages = tables.messages.branch(leafId, limit)
  return { messages, hasMore: (messages.at(0)?.parentId ?? null) !== null }

  function parentOf(messageId: MessageId): MessageId | null {
    const message = tables.messages.get(messageId)
    return message?.conversationId === conversationId ? message.parentId : null
  }
}
