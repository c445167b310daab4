// Calls that are answered at once and in one piece, outside of conversations: vectors and pictures of an OpenAI client.

import type { DeviceId } from '../../src/protocol/ids.ts'
import type { Usage } from '../../src/protocol/stream.ts'
import type { EmbeddingRequest, ImageAnswer, ImageRequest } from '../providers/provider.ts'

/** Null: the owner. */
export interface SingleCaller {
  readonly deviceId: DeviceId | null
}

export interface SingleAnswer<Value> {
  readonly value: Value
  /** The model that answered, `provider/model`. */
  readonly model: string
  readonly usage: Usage | null
}

/** `model` is as users name it. All throw NatterErrors; an abort throws the signal's reason. */
export interface SingleCalls {
  embed(
    request: EmbeddingRequest,
    caller: SingleCaller,
    signal: AbortSignal,
  ): Promise<SingleAnswer<readonly (readonly number[])[]>>
  draw(request: ImageRequest, caller: SingleCaller, signal: AbortSignal): Promise<SingleAnswer<ImageAnswer['images']>>
}
