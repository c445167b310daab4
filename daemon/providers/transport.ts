// The one way out to the network: pooled keep-alive connections of undici, loaded when first needed.

import type { Dispatcher } from 'undici'
import { type ByteSource, createByteQueue } from './byte-source.ts'
import { toDecodable } from './proxy.ts'
import { remember, rememberMade } from './remember.ts'

type Undici = typeof import('undici')

export interface HttpRequest {
  readonly method: 'GET' | 'POST'
  readonly url: string
  readonly headers: { readonly [name: string]: string }
  readonly body: string | null
}

export interface HttpResponse {
  readonly status: number
  /** Names in lower case; repeated ones joined by a comma. */
  readonly headers: { readonly [name: string]: string }
  readonly body: ByteSource
}

export interface SendOptions {
  /** URL of the proxy to go through; null: straight. */
  readonly proxy: string | null
  /** How long a connection may take before its socket is given up, in milliseconds. */
  readonly connectMs: number
  /** The request is on an open connection. */
  readonly onConnect?: () => void
  readonly signal: AbortSignal
}

export interface Transport {
  /** Any status is an answer; only a call without an answer throws. An abort throws the signal's reason at once. */
  send(request: HttpRequest, options: SendOptions): Promise<HttpResponse>
  /** Loads undici, so that the first call need not. */
  warm(): Promise<void>
  close(): Promise<void>
}

export interface TransportOptions {
  /** The only certificates to trust, in PEM; by default those that Node trusts. */
  readonly ca?: string
}

/** Our own connect timer speaks first; this one only takes the socket away afterwards. */
const CONNECT_GRACE_MS = 1000
const KEEP_ALIVE_MS = 30_000
const KEEP_ALIVE_MAX_MS = 600_000
const CONNECTIONS = 128
/** Failures of a connection that the server may have closed just before we used it. */
const STALE_CODES: ReadonlySet<string> = new Set(['ECONNRESET', 'EPIPE', 'UND_ERR_SOCKET', 'UND_ERR_CLOSED'])

/** What undici is told when a call ends because nobody wants the rest; made once, since a stack is dear. */
const LEFT = new Error('The reader of the answer left')

export function createTransport(options: TransportOptions = {}): Transport {
  const routes = new Map<string, Route>()
  const loaded = new Map<string, Promise<Undici>>()
  return { send, warm, close }

  async function warm(): Promise<void> {
    await load()
  }

  async function close(): Promise<void> {
    const open = [...routes.values()]
    routes.clear()
    await Promise.all(open.map(({ agent }) => agent.destroy()))
  }

  async function send(request: HttpRequest, sending: SendOptions): Promise<HttpResponse> {
    const undici = await load()
    sending.signal.throwIfAborted()
    const route = routeFor(undici, request, sending)
    const attempt = { reused: false }
    try {
      return await dispatch(route, request, sending, attempt)
    } catch (error) {
      if (sending.signal.aborted || !attempt.reused || !isStale(error)) throw error
      // llama.cpp advertises keep-alive and closes after a streamed reply: not one byte came back, so ask again.
      return dispatch(renew(undici, route, request, sending), request, sending, attempt)
    }
  }

  function load(): Promise<Undici> {
    return rememberMade(loaded, 'undici', async () => {
      const module = await import('undici')
      // Bundled, a CommonJS module arrives whole as the default export.
      return 'Agent' in module ? module : (module as { default: Undici }).default
    })
  }

  function routeFor(undici: Undici, request: HttpRequest, sending: SendOptions): Route {
    return remember(routes, keyOf(request, sending), () => createRoute(undici, sending, options))
  }

  /** A route without any old connection; calls that still run on the old one end in peace. */
  function renew(undici: Undici, stale: Route, request: HttpRequest, sending: SendOptions): Route {
    const key = keyOf(request, sending)
    if (routes.get(key) === stale) {
      routes.delete(key)
      stale.agent.close().catch(() => {
        // It was destroyed meanwhile, which is all we wanted.
      })
    }
    return routeFor(undici, request, sending)
  }
}

/** A pool of connections to one origin. */
interface Route {
  readonly agent: Dispatcher
  /** Whether a request that starts now does so on a connection that has just been opened. */
  fresh: boolean
}

function keyOf(request: HttpRequest, sending: SendOptions): string {
  return `${new URL(request.url).origin} ${sending.proxy ?? ''} ${sending.connectMs}`
}

function createRoute(undici: Undici, sending: SendOptions, { ca }: TransportOptions): Route {
  const settings = {
    connections: CONNECTIONS,
    pipelining: 1,
    // Where a TLS server offers it: one connection for many streams, and a stop that costs no connection.
    allowH2: true,
    keepAliveTimeout: KEEP_ALIVE_MS,
    keepAliveMaxTimeout: KEEP_ALIVE_MAX_MS,
    headersTimeout: 0,
    bodyTimeout: 0,
    connect: { timeout: sending.connectMs + CONNECT_GRACE_MS, ...(ca === undefined ? {} : { ca }) },
  }
  // A proxy's tunnels are out of our sight: there every connection counts as fresh.
  if (sending.proxy !== null) {
    return { agent: new undici.ProxyAgent({ ...settings, uri: toDecodable(sending.proxy) }), fresh: true }
  }
  const route: Route = { agent: new undici.Agent(settings), fresh: false }
  // undici starts the waiting request in the same tick in which it reports the new connection.
  route.agent.on('connect', () => {
    route.fresh = true
    queueMicrotask(() => {
      route.fresh = false
    })
  })
  return route
}

interface Attempt {
  /** Whether the request went out on a connection that had been open before. */
  reused: boolean
}

/** Below `undici.request`, whose body is a stream: that and its events cost as much as all we do with a token. */
function dispatch(route: Route, request: HttpRequest, sending: SendOptions, attempt: Attempt) {
  return new Promise<HttpResponse>((resolve, reject) => {
    const { signal } = sending
    const url = new URL(request.url)
    let running: Dispatcher.DispatchController | null = null
    const body = createByteQueue({
      pause: () => running?.pause(),
      resume: () => running?.resume(),
      destroy: () => running?.abort(LEFT),
    })
    signal.addEventListener('abort', stop, { once: true })
    try {
      route.agent.dispatch(
        {
          origin: url.origin,
          path: url.pathname + url.search,
          method: request.method,
          headers: request.headers,
          body: request.body,
        },
        {
          onRequestStart(controller) {
            running = controller
            attempt.reused = !route.fresh
            if (signal.aborted) stop()
            else sending.onConnect?.()
          },
          onResponseStart(_controller, status, headers) {
            if (status >= 200) resolve({ status, headers: toPlain(headers), body })
          },
          onResponseData: (_controller, chunk) => body.push(chunk),
          onResponseEnd() {
            signal.removeEventListener('abort', stop)
            body.end()
          },
          onResponseError: (_controller, error) => fail(error),
        },
      )
    } catch (error) {
      fail(error)
    }

    /** undici tells nobody about an abort while it still connects; the caller must not wait for that. */
    function stop(): void {
      fail(signal.reason)
      running?.abort(LEFT)
    }

    function fail(error: unknown): void {
      signal.removeEventListener('abort', stop)
      reject(error)
      body.fail(error)
    }
  })
}

function isStale(error: unknown): boolean {
  return error instanceof Error && 'code' in error && STALE_CODES.has(String(error.code))
}

function toPlain(headers: { readonly [name: string]: string | string[] | undefined }): HttpResponse['headers'] {
  const plain: { [name: string]: string } = {}
  for (const [name, value] of Object.entries(headers)) {
    if (value !== undefined) plain[name] = Array.isArray(value) ? value.join(', ') : value
  }
  return plain
}
