// One request over the daemon's socket with node:http, which starts faster than any other client.

import type { IncomingMessage } from 'node:http'

// An import of the module would read all its exports, one of which loads a second HTTP client: 14 ms.
const { Agent, request } = process.getBuiltinModule('node:http')

// There is no TLS here; without this, Node compiles a pattern of IPv6 addresses to find a name for it (5 ms).
const NO_SERVER_NAME: object = { servername: '' }

const agent = new Agent({ keepAlive: true, maxSockets: 8 })

export interface SocketRequest {
  readonly method: 'GET' | 'POST'
  readonly path: string
  readonly body?: string
  readonly headers?: { readonly [name: string]: string }
  readonly signal?: AbortSignal
}

/** The answer's head and its body as a stream. Rejects with the socket's own error. */
export function send(socketPath: string, options: SocketRequest): Promise<IncomingMessage> {
  return new Promise((resolve, reject) => {
    const headers: Record<string, string | number> = { host: 'natterd', ...options.headers }
    if (options.body !== undefined) {
      headers['content-type'] = 'application/json'
      headers['content-length'] = Buffer.byteLength(options.body)
    }
    const outgoing = request({
      agent,
      socketPath,
      ...NO_SERVER_NAME,
      method: options.method,
      path: options.path,
      headers,
      ...(options.signal === undefined ? {} : { signal: options.signal }),
    })
    outgoing.on('response', resolve)
    outgoing.on('error', reject)
    outgoing.end(options.body)
  })
}

export async function readText(message: IncomingMessage): Promise<string> {
  message.setEncoding('utf8')
  let text = ''
  for await (const chunk of message) text += chunk
  return text
}

/** Whether nobody listens there: nothing was sent, so the call may be made again. */
export function isAbsent(error: unknown): boolean {
  const code = (error as NodeJS.ErrnoException | null)?.code
  return code === 'ECONNREFUSED' || code === 'ENOENT'
}

/** Whether the other side went away under the call. */
export function isBroken(error: unknown): boolean {
  const code = (error as NodeJS.ErrnoException | null)?.code
  return code === 'ECONNRESET' || code === 'EPIPE' || code === 'ERR_STREAM_PREMATURE_CLOSE'
}
