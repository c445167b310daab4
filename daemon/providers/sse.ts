// The one reader of server-sent events: bytes of a network read in, whole messages out.

import { StringDecoder } from 'node:string_decoder'
import { createParser, type EventSourceMessage, type ParseError } from 'eventsource-parser'
import { GarbageFailure } from './failures.ts'

export interface SseMessage {
  /** The event's name; null where the vendor gives none. */
  readonly event: string | null
  readonly data: string
}

export interface SseParser {
  /** The messages that these bytes complete; bytes may be cut anywhere, even inside a character. */
  feed(bytes: Uint8Array): readonly SseMessage[]
  /** The message that waited for its blank line when the stream ended; some servers leave the last one out. */
  end(): readonly SseMessage[]
  /** The first line that is no server-sent event, at most 200 characters; null where there was none. */
  readonly stray: string | null
}

/** A picture in Base64 travels in one line, so the limit is generous: 64 million characters. */
const MAX_BUFFER = 64_000_000
const STRAY_MAX = 200
/** How much of an unfinished line that is no data line waits for its end. */
const HELD_MAX = 64 * 1024
const FIELDS = ['data', 'event', 'id', 'retry'] as const
const LETTER_D = 0x64
const COLON = 0x3a

/** Follows https://html.spec.whatwg.org/multipage/server-sent-events.html; throws a GarbageFailure on a message without end. */
export function createSseParser(): SseParser {
  const decoder = new StringDecoder('utf8')
  let messages: SseMessage[] = []
  let stray: string | null = null
  let overflow = false
  let held = ''
  let lineOpen = false
  const parser = createParser({ onEvent, onError, maxBufferSize: MAX_BUFFER })

  return {
    feed(bytes) {
      return take(decoder.write(bytes))
    },
    end() {
      return take(`${decoder.end()}\n\n`)
    },
    get stray() {
      return stray
    },
  }

  function take(text: string): readonly SseMessage[] {
    messages = []
    const whole = holdBack(held + text)
    if (whole !== '') parser.feed(whole)
    if (overflow) throw new GarbageFailure(`a message of more than ${MAX_BUFFER} characters`)
    return messages
  }

  /** The parser forgets unfinished lines that cannot become a field it knows; we want to see those whole. */
  function holdBack(text: string): string {
    held = ''
    const lineStart = Math.max(text.lastIndexOf('\n'), text.lastIndexOf('\r')) + 1
    const continued = lineStart === 0 && lineOpen
    const first = text.charCodeAt(lineStart)
    if (continued || lineStart === text.length || first === LETTER_D || first === COLON) return passed(text)
    if (text.length - lineStart > HELD_MAX) return passed(text)
    held = text.slice(lineStart)
    return passed(text.slice(0, lineStart))
  }

  function passed(text: string): string {
    const last = text.at(-1)
    if (last !== undefined) lineOpen = last !== '\n' && last !== '\r'
    return text
  }

  function onEvent(message: EventSourceMessage): void {
    messages.push({ event: message.event ?? null, data: message.data })
  }

  function onError(error: ParseError): void {
    if (error.type === 'max-buffer-size-exceeded') {
      overflow = true
      return
    }
    if (error.type !== 'unknown-field') return
    // llama.cpp before September 2025 sent a failure as a field of its own (its pull request 16109).
    if (error.field === 'error' && error.value !== undefined) messages.push({ event: 'error', data: error.value })
    const line = (error.line ?? '').replaceAll('\uFFFD', '')
    // A stream that is cut inside the name of a field, or inside the byte order mark, is no garbage.
    if (FIELDS.some((field) => field.startsWith(line))) return
    stray ??= line.slice(0, STRAY_MAX)
  }
}
