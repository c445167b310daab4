// Server-sent events of a subscription: written as fast as the reader reads, and never queued for it.
// Format: https://html.spec.whatwg.org/multipage/server-sent-events.html

import type { ServerResponse } from 'node:http'
import type { Frame, Subscription } from '../hub/hub.ts'

/** What is handed to the socket at once: with what it holds unsent, the most a stalled reader costs. */
const WRITE_BYTES = 32 * 1024
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
  signal.addEventListener('abort', leave, { once: true })
  // Neither chunked nor measured, the body ends with the connection: one write an event instead of three.
  response.removeHeader('transfer-encoding')
  response.writeHead(200, HEAD)
  const heartbeat = setInterval(() => {
    if (!response.writableNeedDrain) response.write(': still here\n\n')
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
  let frames = subscription.take(WRITE_BYTES)
  // With something to send at once, the head goes out in the same write.
  if (frames.length === 0) response.flushHeaders()
  while (!response.destroyed) {
    if (frames.length > 0) await writeFrames(response, frames)
    else if (gone.aborted) return
    else await subscription.ready(gone)
    frames = subscription.take(WRITE_BYTES)
  }
}

/** Many small frames in one write, a large one in several. */
async function writeFrames(response: ServerResponse, frames: readonly Frame[]): Promise<void> {
  let text = ''
  for (const frame of frames) {
    text += `id: ${frame.seq}\ndata: `
    for (const piece of frame.pieces()) {
      text += piece
      if (text.length < WRITE_BYTES) continue
      if (!response.write(text)) await drained(response)
      if (response.destroyed) return
      text = ''
    }
    text += '\n\n'
  }
  if (!response.write(text)) await drained(response)
}

/** A false from write() means full, not gone; gone is told by close alone. */
function drained(response: ServerResponse): Promise<void> {
  return new Promise((resolve) => {
    const done = () => {
      response.off('drain', done)
      response.off('close', done)
      resolve()
    }
    response.on('drain', done)
    response.on('close', done)
    if (response.destroyed) done()
  })
}
