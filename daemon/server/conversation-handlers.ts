// Operations on conversations and messages.

import { NatterError } from '../../src/protocol/errors.ts'
import { type ConversationId, createId, shortId } from '../../src/protocol/ids.ts'
import type { Conversation } from '../../src/protocol/schema/entities.ts'
import type { StreamHub } from '../hub/hub.ts'
import type { Store } from '../store/store.ts'
import type { Handlers } from './handlers.ts'

const PAGE = 50
/** More than this many candidates are not worth listing. */
const CANDIDATES = 6

type ConversationHandlers = Pick<Handlers, Extract<keyof Handlers, `conversations.${string}` | `messages.${string}`>>

export function createConversationHandlers(store: Store, hub: StreamHub, now: () => number): ConversationHandlers {
  return {
    'conversations.list': async ({ limit = PAGE, before, query }) => ({
      conversations: await mutable(
        store.conversations.list({
          limit,
          ...(before === undefined ? {} : { before }),
          ...(query === undefined ? {} : { query }),
        }),
      ),
    }),
    'conversations.get': async ({ reference }) => ({ conversation: await findConversation(store, reference) }),
    'conversations.latest': async ({ place }) => ({ ...(await store.conversations.latest(place)) }),
    'conversations.create': async ({
      title = 'New conversation',
      model = null,
      system = null,
      parameters = {},
      fallback = null,
    }) => {
      const conversation = await store.conversations.create({
        conversationId: createId('cnv'),
        title,
        model,
        system,
        parameters,
        fallback,
        createdAt: now(),
      })
      await announce(hub, conversation, 'created')
      return { conversation }
    },
    'conversations.update': async ({ conversationId, ...patch }) => {
      const conversation = await store.conversations.update(conversationId, patch)
      if (conversation === null) throw noConversation(conversationId)
      await announce(hub, conversation, 'updated')
      return { conversation }
    },
    'conversations.delete': async ({ conversationId }) => {
      const deleted = await store.conversations.delete(conversationId)
      if (deleted) await hub.publish({ type: 'conversation', conversationId, change: 'deleted', title: '' })
      return { deleted }
    },
    'conversations.search': async ({ query, limit = 20 }) => {
      const { hits, truncated } = await store.messages.search(query, limit)
      return { hits: [...hits], truncated }
    },
    'messages.list': async ({ conversationId, before, limit = PAGE }) => {
      if ((await store.conversations.get(conversationId)) === null) throw noConversation(conversationId)
      const page = await store.messages.page(conversationId, { limit, ...(before === undefined ? {} : { before }) })
      return { messages: [...page.messages], hasMore: page.hasMore }
    },
    'messages.get': async ({ messageId }) => {
      const message = await store.messages.get(messageId)
      if (message !== null) return { message }
      throw new NatterError('not-found', `Cannot show message "${messageId}": it is not stored`, {
        hint: 'Take a messageId from messages.list or conversations.search',
      })
    },
  }
}

/** The only one that a reference names; else an error that lists what it could have meant. */
export async function findConversation(store: Store, reference: string): Promise<Conversation> {
  const found = await store.conversations.find(reference, CANDIDATES)
  const [only, ...others] = found
  if (only === undefined) throw noConversation(reference)
  if (others.length === 0) return only
  const names = found.map((conversation) => `${shortId(conversation.conversationId)} "${conversation.title}"`)
  throw new NatterError('ambiguous', `"${reference}" names more than one conversation: ${names.join(', ')}`, {
    hint: 'Use the end of an id',
  })
}

export function noConversation(reference: ConversationId | string): NatterError {
  return new NatterError('not-found', `There is no conversation "${reference}"`, { hint: 'Run "natter history list"' })
}

function announce(hub: StreamHub, conversation: Conversation, change: 'created' | 'updated'): Promise<number> {
  const { conversationId, title } = conversation
  return hub.publish({ type: 'conversation', conversationId, change, title })
}

async function mutable<Item>(items: Promise<readonly Item[]>): Promise<Item[]> {
  return [...(await items)]
}
