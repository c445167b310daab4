// Bytes in, stream parts out, no socket in sight: the reader of events and the reader of one format together.

import type { StreamPart } from '../../src/protocol/stream.ts'
import { GarbageFailure } from './failures.ts'
import { parseJson } from './json.ts'
import type { StreamReader } from './reader.ts'
import { createSseParser } from './sse.ts'

export interface Translation {
  /** Adds what these bytes complete; answers whether any of it was real payload. Throws what the vendor reports. */
  take(bytes: Uint8Array, parts: StreamPart[]): boolean
  /** The bytes are over. Throws where none of them was an event, and leaves `reader.phase` to say whether all came. */
  end(parts: StreamPart[]): void
}

export function createTranslation(reader: StreamReader): Translation {
  const parser = createSseParser()
  let understood = false
  return { take, end }

  function take(bytes: Uint8Array, parts: StreamPart[]): boolean {
    let payload = false
    for (const message of parser.feed(bytes)) {
      if (message.data.trim() === '' || reader.phase === 'ended') continue
      payload = reader.read(message, parts) || payload
      understood = true
    }
    return payload
  }

  function end(parts: StreamPart[]): void {
    for (const message of parser.end()) {
      // A last message without its blank line counts where it is whole; a half one only says that the stream was cut.
      if (reader.phase === 'ended' || !isWhole(message.data)) continue
      reader.read(message, parts)
      understood = true
    }
    if (!understood && parser.stray !== null) throw new GarbageFailure(parser.stray)
  }
}

function isWhole(data: string): boolean {
  return data.trim() === '[DONE]' || parseJson(data) !== undefined
}
