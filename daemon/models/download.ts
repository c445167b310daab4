// Fetches one text over HTTP, bounded in size, time and redirects.

import type { IncomingMessage } from 'node:http'
import { NatterError } from '../../src/protocol/errors.ts'

export interface DownloadLimits {
  readonly bytes: number
  readonly milliseconds: number
  readonly redirects: number
}

/** The body as text. Throws a NatterError, or the signal's reason when it was aborted. */
export async function download(url: string, limits: DownloadLimits, signal: AbortSignal): Promise<string> {
  const timeout = AbortSignal.timeout(limits.milliseconds)
  const either = AbortSignal.any([signal, timeout])
  try {
    return await follow(new URL(url), limits, either)
  } catch (cause) {
    signal.throwIfAborted()
    if (timeout.aborted) {
      const seconds = limits.milliseconds / 1000
      throw new NatterError('timeout', `Cannot fetch "${url}": no whole answer within ${seconds} s`, {
        hint: 'Try again later',
        cause,
      })
    }
    if (cause instanceof NatterError) throw cause
    throw new NatterError('connection-failed', `Cannot fetch "${url}": ${reasonOf(cause)}`, {
      hint: 'Check the network connection and try again',
      cause,
    })
  }
}

async function follow(start: URL, limits: DownloadLimits, signal: AbortSignal): Promise<string> {
  let url = start
  for (let hops = 0; hops <= limits.redirects; hops += 1) {
    const response = await request(url, signal)
    const next = redirectOf(response, url)
    if (next === null) return await read(response, url, limits.bytes)
    response.destroy()
    url = next
  }
  throw new NatterError('protocol-error', `Cannot fetch "${start}": redirected more than ${limits.redirects} times`)
}

function request(url: URL, signal: AbortSignal): Promise<IncomingMessage> {
  // Loaded here: an import would cost the start of the daemon what only a refresh needs.
  const { get } = process.getBuiltinModule(url.protocol === 'https:' ? 'node:https' : 'node:http')
  // A connection of its own: this happens once in a while and must not keep the process alive.
  const options = {
    signal,
    agent: false as const,
    headers: { accept: 'application/json', 'accept-encoding': 'identity' },
  }
  return new Promise((resolve, reject) => {
    get(url, options, resolve).on('error', reject)
  })
}

function redirectOf(response: IncomingMessage, from: URL): URL | null {
  const status = response.statusCode ?? 0
  const location = response.headers.location
  if (status < 301 || status > 308 || status === 304 || location === undefined) return null
  const to = URL.parse(location, from.href)
  const safe = to?.protocol === 'https:' || (to?.protocol === 'http:' && from.protocol === 'http:')
  if (to !== null && safe) return to
  response.destroy()
  throw new NatterError(
    'protocol-error',
    `Cannot fetch "${from}": it redirects to an address that is not ${from.protocol}//`,
  )
}

async function read(response: IncomingMessage, url: URL, limit: number): Promise<string> {
  const status = response.statusCode ?? 0
  if (status !== 200) {
    response.destroy()
    throw new NatterError('provider-failed', `Cannot fetch "${url}": the server answered ${status}, not 200`, {
      hint: 'Try again later',
    })
  }
  const chunks: Buffer[] = []
  let bytes = 0
  for await (const chunk of response as AsyncIterable<Buffer>) {
    bytes += chunk.length
    if (bytes > limit) {
      // Leaving the loop destroys the response, and with it the connection.
      throw new NatterError('too-large', `Cannot fetch "${url}": the answer is larger than ${limit} bytes`)
    }
    chunks.push(chunk)
  }
  return Buffer.concat(chunks).toString('utf8')
}

function reasonOf(cause: unknown): string {
  if (!(cause instanceof Error)) return String(cause)
  const { code } = cause as NodeJS.ErrnoException
  return cause.message || code || cause.name
}
