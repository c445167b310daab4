// Whether the client of a request is still there: looked at from before the first thing that is done for it.

import type { ServerResponse } from 'node:http'
import type { FastifyReply } from 'fastify'
import { NatterError } from '../../../src/protocol/errors.ts'

export interface ClientWatch extends Disposable {
  /** Aborts when the connection is closed, or when the daemon closes it. */
  readonly gone: AbortSignal
}

/** Given by name: an abort without a reason makes an error with its stack for each of them. */
const GONE = 'gone'

export function watchClient(response: ServerResponse, closing: AbortSignal): ClientWatch {
  const controller = new AbortController()
  const leave = () => controller.abort(GONE)
  response.on('close', leave)
  closing.addEventListener('abort', leave, { once: true })
  if (response.destroyed || response.socket?.destroyed === true || closing.aborted) leave()
  return {
    gone: controller.signal,
    [Symbol.dispose]() {
      response.off('close', leave)
      closing.removeEventListener('abort', leave)
    },
  }
}

/** What the call answers with; null, and nothing to send any more, where the client left before. */
export async function whileWaiting<Value>(
  reply: FastifyReply,
  closing: AbortSignal,
  call: (gone: AbortSignal) => Promise<Value>,
): Promise<Value | null> {
  using client = watchClient(reply.raw, closing)
  try {
    return await call(client.gone)
  } catch (error) {
    if (!client.gone.aborted) throw error
    if (closing.aborted) throw new NatterError('interrupted', 'Cannot finish the answer: natterd was stopped')
    reply.hijack()
    return null
  }
}
