// Server-sent events of a subscription: written as fast as the reader reads, and never queued for it.
// Format: https://html.spec.whatwg.org/multipage/server-sent-events.html

import type { ServerResponse } from 'node:http'
import { wholeEnd } from '../../src/protocol/text.ts'
import type { Frame, Subscription } from '../hub/hub.ts'
import { written } from './written.ts'

/** Characters handed to the socket at once. The next come when these are gone: they are all that a stalled reader costs. */
const WRITE_CHARS = 16 * 1024
/** Longer than any proxy's patience is short; the socket's own keep-alive is shorter. */
const HEARTBEAT_MS = 15_000

/** Given by name: an abort without a reason makes an error with its stack for each reader. */
const GONE = 'gone'

const HEAD = {
  'content-type': 'text/event-stream; charset=utf-8',
  'cache-control': 'no-store, no-transform',
  'x-accel-buffering': 'no',
} as const

/** Resolves when the reader left, or when the signal aborts and what was published until then is written. */
export async function writeEvents(
  response: ServerResponse,
  subscription: Subscription,
  signal: AbortSignal,
): Promise<void> {
  const gone = new AbortController()
  const leave = () => gone.abort(GONE)
  response.on('close', leave)
  if (signal.aborted) leave()
  signal.addEventListener('abort', leave, { once: true })
  // Neither chunked nor measured, the body ends with the connection: one write an event instead of three.
  response.removeHeader('transfer-encoding')
  response.writeHead(200, HEAD)
  const heartbeat = setInterval(() => {
    // Who does not read shall not find a heap of them.
    if (response.writableLength === 0) response.write(': still here\n\n')
  }, HEARTBEAT_MS)
  try {
    await pump(response, subscription, gone.signal)
  } finally {
    clearInterval(heartbeat)
    signal.removeEventListener('abort', leave)
    response.end()
  }
}

async function pump(response: ServerResponse, subscription: Subscription, gone: AbortSignal): Promise<void> {
  let frames = subscription.take(WRITE_CHARS)
  // With something to send at once, the head goes out in the same write.
  if (frames.length === 0) response.flushHeaders()
  while (!response.destroyed) {
    if (frames.length > 0) await writeFrames(response, [...frames])
    else if (gone.aborted) return
    else await subscription.ready(gone)
    frames = subscription.take(WRITE_CHARS)
  }
}

/** Many small frames in one write, a large one in several. What is in a write already is let go of: it takes the frames. */
async function writeFrames(response: ServerResponse, frames: Frame[]): Promise<void> {
  let text = ''
  for (let frame = frames.shift(); frame !== undefined; frame = frames.shift()) {
    text += `id: ${frame.seq}\ndata: `
    for (const piece of frame.pieces()) {
      text += piece
      while (text.length >= WRITE_CHARS) {
        const end = wholeEnd(text, WRITE_CHARS)
        const full = written(response, text.slice(0, end))
        text = text.slice(end)
        await full
        if (response.destroyed) return
      }
    }
    text += '\n\n'
  }
  const last = written(response, text)
  text = ''
  await last
}
