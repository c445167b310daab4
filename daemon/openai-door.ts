// The OpenAI-compatible door as this daemon builds it: the same for the owner's socket and for TCP.

import type { Log } from './log.ts'
import { own } from './own.ts'
import { findConversation, noConversation } from './server/conversation-handlers.ts'
import type { OpenAiDoorOptions } from './server/openai/door-options.ts'
import { chooseName } from './turn/choose-target.ts'
import { listModels } from './turn/list-models.ts'
import type { Rooms } from './turn/rooms.ts'
import type { SingleCalls } from './turn/single-calls.ts'
import type { Turns } from './turn/turns.ts'

export interface DoorParts {
  readonly turns: Turns
  readonly singleCalls: SingleCalls
  readonly log: Log
  readonly closing: AbortSignal
}

export function toDoorOptions(rooms: Rooms, { turns, singleCalls, log, closing }: DoorParts): OpenAiDoorOptions {
  const { hub, store, settings, providers } = rooms
  return {
    ...{ turns, singleCalls, hub, settings, closing },
    listModels: () => listModels(rooms, {}),
    async findConversation(reference, deviceId) {
      const conversation = await findConversation(store, reference)
      if (deviceId === null || deviceId === (await store.turns.openedBy(conversation.conversationId)))
        return conversation
      throw noConversation(reference)
    },
    async formatOf(asked, conversation) {
      const model = await chooseName(rooms, asked, conversation)
      const provider = model.slice(0, model.indexOf('/'))
      const given = own(settings().providers, provider)?.format
      return given ?? own(providers.presets, provider)?.format ?? 'openai-chat'
    },
    onFailure: (error, operation) => log.error({ err: error, operation }, 'request failed'),
  }
}
