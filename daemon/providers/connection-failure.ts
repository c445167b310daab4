// Calls that never got an answer: what stands in the way, and what to do about it.

import { NatterError } from '../../src/protocol/errors.ts'
import type { Endpoint } from './provider.ts'
import { isProxyUrl } from './proxy.ts'
import { oneLine, type Redact } from './redact.ts'

export function toConnectionFailure(error: unknown, endpoint: Endpoint, redact: Redact): NatterError {
  const { provider, baseUrl } = endpoint
  const url = URL.canParse(baseUrl) ? new URL(baseUrl) : null
  if (url === null || !/^https?:$/.test(url.protocol)) {
    return new NatterError(
      'invalid-request',
      `Cannot reach "${provider}": its base URL "${baseUrl}" is no http address`,
      {
        hint: 'Set it to an address such as http://127.0.0.1:8080/v1',
      },
    )
  }
  const code = codeOf(error)
  const cause = harmless(error, redact)
  const proxied = endpoint.proxy === null ? null : toProxyFailure({ provider, proxy: endpoint.proxy, code, cause })
  if (proxied !== null) return proxied
  if (code === 'UND_ERR_INVALID_ARG' || (error instanceof TypeError && code === '')) {
    return new NatterError('invalid-request', `Cannot ask "${provider}": ${cause.message}`, {
      hint: 'Check the key and the headers of that provider for characters that a header cannot hold',
      cause,
    })
  }
  const reason = REASONS[code] ?? cause.message
  const hint = hintFor(endpoint, code)
  return new NatterError('connection-failed', `Cannot reach "${provider}" at ${url.host}: ${reason}`, { hint, cause })
}

interface ProxyFailure {
  readonly provider: string
  readonly proxy: string
  readonly code: string
  readonly cause: Error
}

/** Null where the proxy is not what stands in the way. */
function toProxyFailure({ provider, proxy, code, cause }: ProxyFailure): NatterError | null {
  const doing = `Cannot reach the proxy${proxyHost(proxy)} on the way to "${provider}"`
  if (!isProxyUrl(proxy)) {
    return new NatterError(
      'invalid-request',
      `${doing}: its address should begin with http://, https:// or socks5://`,
      {
        hint: 'Set HTTP_PROXY and HTTPS_PROXY to an address such as http://127.0.0.1:3128',
        cause,
      },
    )
  }
  const status = PROXY_STATUS.exec(cause.message)?.[1]
  if (status === '407') {
    return new NatterError('connection-failed', `${doing}: it asks for a name and a password`, {
      hint: 'Put the right ones into HTTP_PROXY and HTTPS_PROXY, as in http://name:password@127.0.0.1:3128',
      cause,
    })
  }
  const reason = status === undefined ? PROXY_REASONS[code] : `it opened no connection (${status})`
  if (reason === undefined) return null
  const hint = 'Check HTTP_PROXY and HTTPS_PROXY, or name the host in NO_PROXY'
  return new NatterError('connection-failed', `${doing}: ${reason}`, { hint, cause })
}

/** Without name and password. */
function proxyHost(proxy: string): string {
  return URL.canParse(proxy) ? ` ${new URL(proxy).host}` : ''
}

/** How undici reports what a proxy answered instead of a tunnel or of the server's answer. */
const PROXY_STATUS = /^Proxy (?:Authentication Required|response) \((\d+)\)/

/** A copy without secrets: messages of libraries quote headers. */
export function harmless(error: unknown, redact: Redact): Error {
  const message = error instanceof Error ? innermost(error).message : String(error)
  const code = codeOf(error)
  return Object.assign(new Error(oneLine(redact(message))), code === '' ? {} : { code })
}

/** No connection was made; through a proxy, no other host than the proxy is looked up or connected to by us. */
const UNCONNECTED: { readonly [code: string]: string } = {
  ECONNREFUSED: 'nothing listens there',
  ENOTFOUND: 'the host name is unknown',
  EAI_AGAIN: 'the host name cannot be looked up now',
  ETIMEDOUT: 'the connection timed out',
  EHOSTUNREACH: 'there is no route to that host',
  ENETUNREACH: 'there is no network',
  UND_ERR_CONNECT_TIMEOUT: 'no connection in time',
}

const REASONS: { readonly [code: string]: string } = {
  ...UNCONNECTED,
  ECONNRESET: 'the connection was reset before an answer came',
  EPIPE: 'the connection was closed before an answer came',
  UND_ERR_SOCKET: 'the connection was closed before an answer came',
}

const PROXY_REASONS: { readonly [code: string]: string } = {
  ...UNCONNECTED,
  UND_ERR_PRX_CONN: 'it closed the connection',
  UND_ERR_PRX_TLS: 'its certificate is for another host',
}

/** What starts the usual local servers. */
const START_HINTS: ReadonlyMap<string, string> = new Map(
  Object.entries<string>({
    ollama: 'Start it with "ollama serve"',
    lmstudio: 'Start it with "lms server start"',
    llamacpp: 'Start it with "llama-server -m MODEL.gguf"',
    vllm: 'Start it with "vllm serve MODEL"',
  }),
)

function hintFor(endpoint: Endpoint, code: string): string {
  if (/CERT|SELF_SIGNED|UNABLE_TO/.test(code)) {
    return 'Check the base URL, or trust its certificate with NODE_EXTRA_CA_CERTS'
  }
  if (code === 'EPROTO') return 'Check whether the base URL should begin with http or https'
  if (endpoint.local) return START_HINTS.get(endpoint.provider) ?? 'Start that server, or check its base URL'
  if (endpoint.proxy !== null) return 'Check the network and the proxy'
  if (code === 'ENOTFOUND' || code === 'ECONNREFUSED') return 'Check the network and the base URL'
  return 'Check the network; history and search work without it'
}

function codeOf(error: unknown): string {
  if (!(error instanceof Error)) return ''
  const inner = innermost(error)
  return 'code' in inner ? String(inner.code) : ''
}

/** Node tries IPv6 and IPv4 and reports both: one of them tells enough. Wrappers say less than what they wrap. */
function innermost(error: Error): Error {
  if (error instanceof AggregateError && error.errors[0] instanceof Error) return innermost(error.errors[0])
  return !('code' in error) && error.cause instanceof Error ? innermost(error.cause) : error
}
