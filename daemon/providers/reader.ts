// What every format's translation offers, and how a message becomes an object or a failure.

import type { StreamPart } from '../../src/protocol/stream.ts'
import { GarbageFailure, StreamFailure } from './failures.ts'
import { isObject, type JsonObject, parseJson } from './json.ts'
import type { SseMessage } from './sse.ts'
import { toVendorError } from './vendor-error.ts'

/** `open`: more must come; `finishing`: the finish reason is here, usage may follow; `ended`: the end mark came. */
export type ReaderPhase = 'open' | 'finishing' | 'ended'

/** The translation of one format, without any socket: messages in, parts out. */
export interface StreamReader {
  readonly phase: ReaderPhase
  /** Adds what the message holds to `parts`; answers whether it was real payload. Throws what the vendor reports. */
  read(message: SseMessage, parts: StreamPart[]): boolean
  /** The same for a whole answer that came as one JSON body. */
  readWhole(body: JsonObject, parts: StreamPart[]): void
  /** Adds what was held back, text and usage, and the finish where the stream is complete. Called once, at the end. */
  close(parts: StreamPart[], complete: boolean): void
}

const SAMPLE_MAX = 200

/** The object in a message's data; throws where it is none, or where it reports an error. */
export function parseMessage(message: SseMessage): JsonObject {
  const value = parseJson(message.data)
  if (message.event === 'error') throw new StreamFailure(toVendorError(value ?? message.data))
  if (!isObject(value)) throw new GarbageFailure(message.data.slice(0, SAMPLE_MAX))
  throwReportedError(value)
  return value
}

export function throwReportedError(value: JsonObject): void {
  if (value['error'] || value['object'] === 'error') throw new StreamFailure(toVendorError(value))
}
