// Turns that a killed daemon left open have ended by now; whoever still follows them hears of it.

import type { Message } from '../../src/protocol/schema/entities.ts'
import type { StreamHub } from '../hub/hub.ts'

export async function announceRecovered(hub: StreamHub, messages: readonly Message[]): Promise<void> {
  for (const message of messages) {
    await hub.restore(message.conversationId, {
      turnId: message.turnId,
      messageId: message.messageId,
      model: message.model ?? '',
      startedAt: message.createdAt,
      parts: message.parts,
      usage: message.usage,
      finish: message.finish,
      outcome: message.outcome,
      costMicros: message.costMicros,
      firstPartMs: null,
    })
  }
}
