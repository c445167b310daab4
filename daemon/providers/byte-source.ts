// A body's bytes by pulling: what arrives gathers until it is asked for, and the end can be drained or cut off.

import type { FrameClock } from './frame-clock.ts'

export interface ByteSource {
  /** Everything that has arrived, or the next that will; null at the end. Rejects when the connection breaks. */
  next(): Promise<Buffer | null>
  /** Lets what arrives gather until the next beat; the end of the body cuts that short. */
  rest(clock: FrameClock): void
  /** Reads what is left and throws it away, so that the connection can be used again; gives up after `ms`. */
  drain(ms: number): void
  /** Closes the connection (HTTP/1) or resets the stream (HTTP/2). */
  destroy(): void
}

/** The end of the queue that the connection fills. */
export interface ByteQueue extends ByteSource {
  push(chunk: Buffer): void
  end(): void
  fail(error: unknown): void
}

/** What the queue asks of its connection. */
export interface Flow {
  pause(): void
  resume(): void
  destroy(): void
}

/** So much may wait for its reader; then the server has to. */
const QUEUE_MAX = 64 * 1024

/** No stream in between: a tick and an event for every token cost more than what is done with the token. */
export function createByteQueue(flow: Flow): ByteQueue {
  let chunks: Buffer[] = []
  let queued = 0
  let waiting: { resolve: (chunk: Buffer | null) => void; reject: (error: unknown) => void } | null = null
  let resting: { cancel(): void } | null = null
  let draining: NodeJS.Timeout | null = null
  let discards = false
  /** Null while bytes may come; a failure of null is a whole body. */
  let over: { readonly failure: unknown } | null = null
  return { next, rest, drain, destroy, push, end: () => finish(null), fail: finish }

  function next(): Promise<Buffer | null> {
    return new Promise((resolve, reject) => {
      waiting = { resolve, reject }
      give()
    })
  }

  function give(): void {
    if (waiting === null) return
    if (queued > 0 ? resting !== null : over === null) return
    const { resolve, reject } = waiting
    waiting = null
    if (queued > 0) resolve(takeAll())
    else if (over?.failure === null) resolve(null)
    else reject(over?.failure)
  }

  function takeAll(): Buffer {
    const [first] = chunks
    const whole = chunks.length === 1 && first !== undefined ? first : Buffer.concat(chunks, queued)
    empty()
    return whole
  }

  /** The connection may bring more before `resume` returns. */
  function empty(): void {
    const paused = queued > QUEUE_MAX
    chunks = []
    queued = 0
    if (paused) flow.resume()
  }

  function rest(clock: FrameClock): void {
    if (resting !== null || over !== null) return
    resting = clock.wait(() => {
      resting = null
      give()
    })
  }

  function push(chunk: Buffer): void {
    if (discards) return
    const paused = queued > QUEUE_MAX
    chunks.push(chunk)
    queued += chunk.length
    if (queued > QUEUE_MAX && !paused) flow.pause()
    give()
  }

  function finish(failure: unknown): void {
    if (over !== null) return
    over = { failure }
    clearTimers()
    give()
  }

  function drain(ms: number): void {
    discard()
    if (over !== null) return
    draining = setTimeout(destroy, ms)
    draining.unref()
  }

  function destroy(): void {
    discard()
    clearTimers()
    if (over === null) flow.destroy()
  }

  function discard(): void {
    discards = true
    empty()
  }

  function clearTimers(): void {
    clearTimeout(draining ?? undefined)
    resting?.cancel()
    resting = null
    draining = null
  }
}

/** At most `max` bytes of a body as text; what exceeds it is cut off and the connection closed. */
export async function readText(source: ByteSource, max: number, onChunk?: () => void): Promise<string> {
  const chunks: Buffer[] = []
  let size = 0
  try {
    while (size < max) {
      const chunk = await source.next()
      if (chunk === null) break
      onChunk?.()
      chunks.push(chunk)
      size += chunk.length
    }
  } finally {
    source.destroy()
  }
  return Buffer.concat(chunks).toString('utf8', 0, max)
}
