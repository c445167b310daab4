// The door for devices: what a token opens over TCP. It has no operation of the owner's API, so no token opens one.

import type { IncomingMessage, ServerResponse } from 'node:http'
import Fastify, { type FastifyError, type FastifyInstance, type FastifyReply, type FastifyRequest } from 'fastify'
import { BOUNDS } from '../../src/protocol/bounds.ts'
import { NatterError } from '../../src/protocol/errors.ts'
import { addJsonBody } from './json-body.ts'
import { addMetrics } from './metrics-route.ts'
import { pathOf } from './path-of.ts'
import { fromFramework, noRoute } from './refusals.ts'
import { addSender } from './sender.ts'
import { sendTcpFailure } from './tcp-failure.ts'
import { createGuard, type GuardOptions, scopeOfRoute } from './tcp-guard.ts'
import { createOpenRequests, type OpenRequests } from './tcp-requests.ts'

/** What one device may have answered at the same time: more than any pool of clients, less than would hold up the others. */
const DEVICE_REQUESTS_MAX = 256
/** Bodies of all requests that are being read or answered, in bytes; parsed, they take up to three times as much. */
const BODIES_MAX = 256 * 1024 * 1024

const HINT = 'There are /v1, as OpenAI describes it, /health and /metrics'

export interface TcpServerOptions extends GuardOptions {
  /** Adds the routes below /v1. */
  readonly addRoutes: (server: FastifyInstance) => void
  /** What `GET /health` answers. */
  readonly health: () => object
  /** What `GET /metrics` answers. */
  readonly metrics: () => Promise<string>
  readonly onFailure: (error: unknown, path: string) => void
  readonly deviceRequestsMax?: number
  readonly bodiesMax?: number
}

export interface TcpServer {
  readonly handle: (request: IncomingMessage, response: ServerResponse) => void
  readonly requests: OpenRequests
  close(): Promise<void>
}

export async function createTcpServer(options: TcpServerOptions): Promise<TcpServer> {
  const { deviceRequestsMax: requestsMax = DEVICE_REQUESTS_MAX, bodiesMax: bytesMax = BODIES_MAX } = options
  const requests = createOpenRequests({ requestsMax, bytesMax })
  const guard = createGuard(options)
  const server = Fastify({
    bodyLimit: BOUNDS.requestBytes,
    exposeHeadRoutes: false,
    return503OnClosing: false,
    frameworkErrors: (error, request, reply) => {
      if (admit(request, reply)) fail(error, request, reply)
    },
  })
  addJsonBody(server)
  addSender(server)
  // A route without a rule is found when the door is built, not when somebody finds it open.
  server.addHook('onRoute', ({ url }) => void scopeOfRoute(url))
  server.addHook('onRequest', (request, reply, done) => {
    if (!admit(request, reply)) return
    reply.header('cache-control', 'no-store')
    done()
  })
  server.setErrorHandler(fail)
  server.setNotFoundHandler((request, reply) => {
    sendTcpFailure(noRoute(request.method, pathOf(request), HINT), request, reply)
  })
  options.addRoutes(server)
  server.get('/health', () => options.health())
  addMetrics(server, options.metrics)
  await server.ready()
  return { handle: (request, response) => server.routing(request, response), requests, close: () => server.close() }

  /** False where it was refused, and answered so. */
  function admit(request: FastifyRequest, reply: FastifyReply): boolean {
    const { url } = request.routeOptions
    try {
      const device = guard(request, url === undefined ? null : scopeOfRoute(url))
      const { deviceId } = device
      request.lease = requests.begin({ deviceId, response: reply.raw, bytes: bodyBytesOf(request) })
      request.deviceId = deviceId
      return true
    } catch (error) {
      fail(error, request, reply)
      return false
    }
  }

  function fail(error: unknown, request: FastifyRequest, reply: FastifyReply): void {
    const failure = error instanceof NatterError ? error : fromFramework(error as FastifyError, pathOf(request), HINT)
    if (failure.code === 'internal') options.onFailure(error, pathOf(request))
    sendTcpFailure(failure, request, reply)
  }
}

/** At most: a body that does not say how large it is may be as large as its route takes. More of it is not read. */
function bodyBytesOf({ raw: { headers }, routeOptions }: FastifyRequest): number {
  const most = routeOptions.bodyLimit ?? BOUNDS.requestBytes
  if (headers['transfer-encoding'] !== undefined) return most
  return Math.min(most, Number(headers['content-length'] ?? 0))
}
