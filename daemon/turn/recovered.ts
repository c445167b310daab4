// Turns that a killed daemon left open have ended by now; whoever still follows them hears of it.

import type { Message } from '../../src/protocol/schema/entities.ts'
import type { StreamHub } from '../hub/hub.ts'

export async function announceRecovered(hub: StreamHub, messages: readonly Message[]): Promise<void> {
  for (const { conversationId, turnId, outcome, model } of messages) {
    if (outcome === null) continue
    await hub.publish({
      type: 'turn-end',
      conversationId,
      turnId,
      outcome,
      model: model ?? '',
      usage: null,
      costMicros: null,
      firstPartMs: null,
    })
  }
}
