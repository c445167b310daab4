// Every call's way to its answer: what is no success is read as far as it comes, and thrown.

import type { ByteSource } from './byte-source.ts'
import { StatusFailure } from './failures.ts'
import type { Endpoint } from './provider.ts'
import type { HttpRequest, HttpResponse, Transport } from './transport.ts'

/** Who waits for an answer. */
export interface Link {
  readonly onConnect: () => void
  readonly signal: AbortSignal
}

/** How much of a refusal's body is read, in bytes. */
const BODY_MAX = 64 * 1024
/** The status says more than the body can: for the rest of it nobody waits long. */
const BODY_MS = 2_000

/** Throws a StatusFailure for every answer that is no success. */
export async function sendForSuccess(
  request: HttpRequest,
  endpoint: Endpoint,
  transport: Transport,
  link: Link,
): Promise<HttpResponse> {
  const response = await transport.send(request, {
    proxy: endpoint.proxy,
    connectMs: endpoint.timers.connect,
    ...link,
  })
  const { status, headers, body } = response
  if (status < 200 || status > 299) throw new StatusFailure(status, headers, await readWhatComes(body))
  return response
}

/** A body that breaks off, stalls or is left because of an abort still ends in what came until then. */
async function readWhatComes(body: ByteSource): Promise<string> {
  const chunks: Buffer[] = []
  let size = 0
  const timer = setTimeout(() => body.destroy(), BODY_MS)
  try {
    while (size < BODY_MAX) {
      const chunk = await body.next()
      if (chunk === null) break
      chunks.push(chunk)
      size += chunk.length
    }
  } catch {
    // The status is known, and why the body broke is no news beside it.
  } finally {
    clearTimeout(timer)
    body.destroy()
  }
  return Buffer.concat(chunks).toString('utf8', 0, BODY_MAX)
}
