// What the OpenAI-compatible door needs of the daemon.

import type { DeviceId } from '../../../src/protocol/ids.ts'
import type { Conversation } from '../../../src/protocol/schema/entities.ts'
import type { RequestOf, ResponseOf } from '../../../src/protocol/schema/operations.ts'
import type { StreamHub } from '../../hub/hub.ts'
import type { WireFormat } from '../../providers/provider.ts'
import type { Settings } from '../../settings-schema.ts'
import type { SingleCalls } from '../../turn/single-calls.ts'
import type { Turns } from '../../turn/turns.ts'

export interface OpenAiDoorOptions {
  readonly turns: Pick<Turns, 'start' | 'cancel'>
  readonly hub: Pick<StreamHub, 'subscribe'>
  readonly singleCalls: SingleCalls
  readonly listModels: () => Promise<ResponseOf<'models.list'>>
  /** By its id, or an end of it; throws where there is none, or none that this device opened. Null: the owner. */
  readonly findConversation: (reference: string, deviceId: DeviceId | null) => Promise<Conversation>
  /** Of the model that a turn would ask first. */
  readonly formatOf: (
    asked: Pick<RequestOf<'turns.start'>, 'model' | 'prompt'>,
    conversation: Conversation | null,
  ) => Promise<WireFormat>
  readonly settings: () => Settings
  readonly onFailure: (error: unknown, operation: string) => void
  /** Aborts when streams shall end. */
  readonly closing: AbortSignal
}
