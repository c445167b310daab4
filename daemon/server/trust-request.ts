// What a request over TCP must be before anything else of it is looked at: for us, by a name of ours, from no other site.

import type { IncomingMessage } from 'node:http'
import { NatterError } from '../../src/protocol/errors.ts'
import { RefusedRequest } from './refusals.ts'

const LOCAL_NAMES = ['localhost', '127.0.0.1', '[::1]'] as const
/** A name or an address, and a port. Anything stranger is in no list. */
const HOST = /^(\[[0-9a-f:.]+\]|[^:[\]]+)(?::\d{1,5})?$/
const HAS_BODY: ReadonlySet<string> = new Set(['POST', 'PUT', 'PATCH'])

/**
 * Null where it may go on. `names` are what clients call this machine besides its addresses, in lower case. The port is not
 * looked at: a forwarded one has another number, and a page that was rebound has the right one.
 */
export function refusalOfRequest(request: IncomingMessage, names: ReadonlySet<string>): NatterError | null {
  return refusalOfTarget(request) ?? refusalOfHost(request, names) ?? refusalOfSite(request) ?? refusalOfType(request)
}

/** The values of a header, one for each time it was sent: Node itself keeps one of several, or joins them. */
export function valuesOf(request: IncomingMessage, name: string): readonly string[] {
  const { rawHeaders } = request
  return rawHeaders.filter((_value, index) => index % 2 === 1 && rawHeaders[index - 1]?.toLowerCase() === name)
}

/** The absolute form names a host of its own, past the header that is checked. */
function refusalOfTarget({ url = '' }: IncomingMessage): NatterError | null {
  if (url.startsWith('/')) return null
  return new NatterError('invalid-request', 'Cannot read request: its target must be a path', {
    hint: 'Send requests to natterd itself, not as to a proxy',
  })
}

/** A page elsewhere can point its own name at this machine, but cannot send another name than its own. */
function refusalOfHost(request: IncomingMessage, names: ReadonlySet<string>): NatterError | null {
  const [host, ...more] = valuesOf(request, 'host')
  if (host === undefined || more.length > 0) {
    return new NatterError('invalid-request', 'Cannot read request: it must have exactly one header "host"', {
      hint: 'Send one header "host"',
    })
  }
  const name = HOST.exec(host.toLowerCase())?.[1]
  if (name !== undefined && (names.has(name) || name === toHostName(request.socket.localAddress))) return null
  return new RefusedRequest(
    421,
    'Cannot answer: the header "host" names no machine that this natterd knows as its own',
    {
      hint: 'Use its address, or add the name to the setting "serve.names"',
    },
  )
}

/** What a browser says of where a request comes from. There are no CORS headers: no other site may read an answer. */
function refusalOfSite(request: IncomingMessage): NatterError | null {
  const own = `http://${valuesOf(request, 'host')[0]?.toLowerCase()}`
  const isForeign =
    valuesOf(request, 'origin').some((origin) => origin.toLowerCase() !== own) ||
    valuesOf(request, 'sec-fetch-site').some((site) => site !== 'none' && site !== 'same-origin')
  if (!isForeign) return null
  return new NatterError('permission-denied', 'Cannot answer: the request comes from a page of another site', {
    hint: 'Ask from a program, not from a web page',
  })
}

/** Without one a browser would send it from any page, without asking first. */
function refusalOfType(request: IncomingMessage): NatterError | null {
  if (!HAS_BODY.has(request.method ?? '') || valuesOf(request, 'content-type').length === 1) return null
  return new RefusedRequest(415, 'Cannot read request: it must have exactly one header "content-type"', {
    hint: 'Send the header "content-type: application/json" and a JSON object',
  })
}

export function toNames(configured: readonly string[]): ReadonlySet<string> {
  return new Set([...LOCAL_NAMES, ...configured.map((name) => name.toLowerCase())])
}

/** As a client writes it into its header; an IPv4 address that arrives over an IPv6 socket is one of IPv4. */
export function toHostName(address: string | undefined): string | null {
  if (address === undefined) return null
  const plain = plainAddress(address)
  return plain.includes(':') ? `[${plain}]` : plain
}

/** Without the zone of a link, and without the form in which IPv6 sockets show IPv4. */
export function plainAddress(address: string): string {
  return address
    .toLowerCase()
    .replace(/%.*$/, '')
    .replace(/^::ffff:(?=\d+\.)/, '')
}
