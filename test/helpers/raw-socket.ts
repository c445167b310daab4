// The daemon's socket spoken by hand: no reconnecting, no starting, no code of the client that could hide a fault.

import { type IncomingMessage, request } from 'node:http'
import type { NatterEvent } from '../../src/protocol/schema/events.ts'
import type { Call } from '../../src/protocol/schema/operations.ts'

/** Calls that answer with the body, and reject where the daemon went away or answered with an error. */
export function rawCalls(socketPath: string): Call {
  // Of the contract's overloads the caller sees the types; here a call is text that goes out and comes back.
  return call as Call

  async function call(operation: string, body: unknown): Promise<unknown> {
    const answer = await send(socketPath, `/api/${operation}`, { body: JSON.stringify(body) })
    answer.setEncoding('utf8')
    let text = ''
    for await (const chunk of answer) text += chunk
    if (answer.statusCode !== 200) throw new Error(`${operation} answered ${answer.statusCode}: ${text}`)
    return JSON.parse(text)
  }
}

/** The events of a conversation as they arrive; ends with the connection, however that ends. */
export async function* readEvents(
  socketPath: string,
  conversationId: string,
  { lastSeq, signal }: { readonly lastSeq: number | null; readonly signal: AbortSignal },
): AsyncGenerator<NatterEvent> {
  const headers = lastSeq === null ? {} : { 'last-event-id': String(lastSeq) }
  const answer = await send(socketPath, `/api/events?conversation=${conversationId}`, { headers, signal })
  answer.setEncoding('utf8')
  let rest = ''
  try {
    for await (const chunk of answer) {
      const frames = `${rest}${chunk}`.split('\n\n')
      rest = frames.pop() ?? ''
      for (const frame of frames) {
        const data = /^data: (.*)$/m.exec(frame)?.[1]
        if (data !== undefined) yield JSON.parse(data) as NatterEvent
      }
    }
  } catch {
    // Killed in the middle of a frame, or the test has seen enough.
  }
}

interface Sending {
  readonly body?: string
  readonly headers?: { readonly [name: string]: string }
  readonly signal?: AbortSignal
}

/** A connection for every request: none is left over from a daemon that is no more. */
function send(socketPath: string, path: string, { body, headers, signal }: Sending): Promise<IncomingMessage> {
  return new Promise((resolve, reject) => {
    const outgoing = request({
      socketPath,
      path,
      agent: false,
      method: body === undefined ? 'GET' : 'POST',
      headers: { host: 'natterd', 'content-type': 'application/json', ...headers },
      ...(signal === undefined ? {} : { signal }),
    })
    outgoing.on('response', resolve)
    outgoing.on('error', reject)
    outgoing.end(body)
  })
}
