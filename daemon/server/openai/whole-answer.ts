// An answer in one piece: read to its end, then told.

import { EMPTY_REPLY, type Finish, fold, type ReplyState, type Usage } from '../../../src/protocol/stream.ts'
import type { AnswerReader } from './answer-reader.ts'

export interface WholeAnswer {
  /** `provider/model`. */
  readonly model: string
  readonly parts: ReplyState['parts']
  readonly finish: Finish | null
  readonly usage: Usage | null
}

/** Throws what failed; null where nobody waits for it any more. */
export async function readWhole(reader: AnswerReader, gone: AbortSignal): Promise<WholeAnswer | null> {
  let reply = EMPTY_REPLY
  for (;;) {
    for (const part of reader.take()) reply = fold(reply, part)
    const { ending, model } = reader
    if (ending !== null) {
      if (ending.failure !== null) throw ending.failure
      return { model, parts: reply.parts, finish: ending.finish, usage: ending.usage }
    }
    if (gone.aborted) return null
    await reader.ready(gone)
  }
}
