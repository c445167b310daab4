// An answer as server-sent events: no head before it is known whether there is an answer, one write for what came together.
// Format: https://html.spec.whatwg.org/multipage/server-sent-events.html

import type { ServerResponse } from 'node:http'
import type { FastifyReply } from 'fastify'
import type { NatterError } from '../../../src/protocol/errors.ts'
import { written } from '../written.ts'
import type { AnswerPart, AnswerReader, Ending } from './answer-reader.ts'
import { setModel } from './model-header.ts'

/** The words of one API; each text is made of whole events. */
export interface StreamWords {
  /** Before the first part. */
  begin(model: string): string
  part(part: AnswerPart): string
  end(ending: Ending): string
  /** After what came until then. */
  fail(failure: NatterError): string
}

export interface Streaming {
  readonly reader: AnswerReader
  readonly words: StreamWords
  readonly gone: AbortSignal
  /** How long the head waits for the first part, and how long the stream is silent at most; in milliseconds. */
  readonly holdMs?: number
  readonly heartbeatMs?: number
}

/** Longer than most answers take to begin; clients and proxies wait longer for a head. */
const HOLD_MS = 10_000
const HEARTBEAT_MS = 15_000
/** Characters handed to the socket at once. */
const WRITE_CHARS = 16 * 1024
const WAITED = 'waited'

const HEAD = {
  'content-type': 'text/event-stream; charset=utf-8',
  'cache-control': 'no-store, no-transform',
  'x-accel-buffering': 'no',
} as const

/** Throws a failure before the head; after it, the stream says what failed. Resolves when all is handed over. */
export async function streamAnswer(reply: FastifyReply, streaming: Streaming): Promise<void> {
  const { reader, gone } = streaming
  const parts = await firstParts(streaming)
  if (parts.length === 0 && reader.ending !== null && reader.ending.failure !== null) throw reader.ending.failure
  setModel(reply, reader.model)
  reply.hijack()
  if (gone.aborted) return
  const response = reply.raw
  response.writeHead(200, { ...reply.getHeaders(), ...HEAD } as Record<string, string>)
  const heartbeat = setInterval(() => beat(response), streaming.heartbeatMs ?? HEARTBEAT_MS)
  try {
    if (parts.length === 0 && reader.ending === null) beat(response)
    await pump(response, streaming, parts)
  } finally {
    clearInterval(heartbeat)
    response.end()
  }
}

/** Empty where the answer has none, is long in coming, or has nobody to go to. */
async function firstParts({ reader, gone, holdMs = HOLD_MS }: Streaming): Promise<readonly AnswerPart[]> {
  let parts = reader.take()
  if (parts.length > 0 || reader.ending !== null) return parts
  const hold = new AbortController()
  const release = () => hold.abort(WAITED)
  const timer = setTimeout(release, holdMs)
  gone.addEventListener('abort', release, { once: true })
  if (gone.aborted) release()
  while (parts.length === 0 && reader.ending === null && !hold.signal.aborted) {
    await reader.ready(hold.signal)
    parts = reader.take()
  }
  clearTimeout(timer)
  gone.removeEventListener('abort', release)
  return parts
}

/** Who does not read shall not find a heap of them. */
function beat(response: ServerResponse): void {
  if (response.writableLength === 0) response.write(': still here\n\n')
}

async function pump(response: ServerResponse, streaming: Streaming, first: readonly AnswerPart[]): Promise<void> {
  const { reader, words, gone } = streaming
  let parts = first
  let hasBegun = false
  for (;;) {
    const { ending } = reader
    let text = ''
    if (!hasBegun && (parts.length > 0 || ending !== null)) {
      text = words.begin(reader.model)
      hasBegun = true
    }
    for (const part of parts) {
      text += words.part(part)
      if (text.length < WRITE_CHARS) continue
      await written(response, text)
      text = ''
      if (response.destroyed) return
    }
    if (ending !== null) {
      text += ending.failure === null ? words.end(ending) : words.fail(ending.failure)
      response.end(Buffer.from(text))
      return
    }
    if (text !== '') await written(response, text)
    if (gone.aborted) return
    parts = reader.take()
    while (parts.length === 0 && reader.ending === null) {
      await reader.ready(gone)
      if (gone.aborted) return
      parts = reader.take()
    }
  }
}
