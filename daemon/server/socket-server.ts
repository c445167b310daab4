// The owner's door: the whole API on a Unix socket.

import Fastify, { type FastifyError, type FastifyInstance, type FastifyReply, type FastifyRequest } from 'fastify'
import { BOUNDS } from '../../src/protocol/bounds.ts'
import { NatterError, toErrorInfo } from '../../src/protocol/errors.ts'
import type { Hello } from '../../src/protocol/hello.ts'
import { type ConversationId, isId } from '../../src/protocol/ids.ts'
import { OPERATIONS, type Operation } from '../../src/protocol/schema/operations.ts'
import type { StreamHub } from '../hub/hub.ts'
import { writeEvents } from './event-stream.ts'
import type { Handlers } from './handlers.ts'
import { addJsonBody } from './json-body.ts'
import { addMetrics } from './metrics-route.ts'
import { toOpenApi } from './openapi.ts'
import { pathOf } from './path-of.ts'
import { fromFramework, notFound, OPENAPI_HINT, RefusedRequest, statusOf, unacceptable } from './refusals.ts'
import { addSender } from './sender.ts'
import { createValidator } from './validation.ts'

const NO_STORE = ['cache-control', 'no-store'] as const

export interface SocketServerOptions {
  readonly hello: Hello
  readonly handlers: Handlers
  readonly hub: StreamHub
  /** What `GET /health` answers. */
  readonly health: () => object
  /** What `GET /metrics` answers. */
  readonly metrics: () => Promise<string>
  /** The last readers of these conversations have left. */
  readonly onReadersGone: (conversations: readonly ConversationId[]) => void
  /** Adds the routes below /v1. */
  readonly addRoutes: (server: FastifyInstance) => void
  readonly onFailure: (error: unknown, operation: string) => void
  /** Aborts when event streams shall end. */
  readonly closing: AbortSignal
}

export function createSocketServer(options: SocketServerOptions): FastifyInstance {
  const server = Fastify({
    bodyLimit: BOUNDS.requestBytes,
    exposeHeadRoutes: false,
    keepAliveTimeout: 60_000,
    // A busy client may need long to send; a silent one shall not hold a connection for ever.
    requestTimeout: 60_000,
    forceCloseConnections: true,
    return503OnClosing: false,
    frameworkErrors: (error, request, reply) => sendFailure(error, request, reply, options),
  })
  addJsonBody(server)
  addSender(server)
  server.addHook('onRequest', (request, reply, done) => {
    reply.header(...NO_STORE)
    done(unacceptable(request.raw) ?? undefined)
  })
  server.setErrorHandler((error: FastifyError, request, reply) => sendFailure(error, request, reply, options))
  server.setNotFoundHandler((request, reply) =>
    sendFailure(notFound(request.method, request.url, methodOf(request.url)), request, reply, options),
  )
  addOperations(server, options.handlers)
  server.get('/api/hello', () => options.hello)
  server.get('/api/openapi.json', () => toOpenApi(options.hello.version))
  server.get('/health', () => options.health())
  addMetrics(server, options.metrics)
  server.get('/api/events', (request, reply) => sendEvents(request, reply, options))
  options.addRoutes(server)
  return server

  function methodOf(url: string): string | undefined {
    const path = url.replace(/\?.*$/s, '')
    return (['GET', 'POST'] as const).find((method) => server.hasRoute({ method, url: path }))
  }
}

function addOperations(server: FastifyInstance, handlers: Handlers): void {
  const validator = createValidator()
  for (const name of Object.keys(OPERATIONS) as Operation[]) {
    const handle = handlers[name] as (request: unknown) => Promise<unknown>
    server.post(`/api/${name}`, (request) => handle(validator.check(name, request.body ?? {})))
  }
}

async function sendEvents(request: FastifyRequest, reply: FastifyReply, options: SocketServerOptions): Promise<void> {
  const conversations = toConversations(request.query)
  const subscription = await options.hub.subscribe({ conversations, after: toSeq(request.headers['last-event-id']) })
  reply.hijack()
  try {
    await writeEvents(reply.raw, subscription, options.closing)
  } finally {
    subscription[Symbol.dispose]()
    if (conversations !== '*') options.onReadersGone(conversations.filter((id) => options.hub.readers(id) === 0))
  }
}

function toConversations(query: unknown): readonly ConversationId[] | '*' {
  const value = (query as { conversation?: string | string[] }).conversation
  const named = value === undefined ? [] : [value].flat()
  if (named.length === 1 && named[0] === '*') return '*'
  if (named.length === 0 || named.length > BOUNDS.subscribedConversations) {
    throw new NatterError(
      'invalid-request',
      `Cannot follow ${named.length} conversations: name 1 to ${BOUNDS.subscribedConversations}, or *`,
      { hint: 'Use /api/events?conversation=cnv_… or /api/events?conversation=*' },
    )
  }
  return named.map((id) => {
    if (isId('cnv', id)) return id
    throw new NatterError(
      'invalid-request',
      `Cannot follow conversation "${id.slice(0, 80)}": that is not a conversation id`,
      { hint: 'Take a conversationId from conversations.list or turns.start' },
    )
  })
}

function toSeq(header: string | string[] | undefined): number | null {
  if (header === undefined || header === '') return null
  const seq = Number(header)
  return Number.isSafeInteger(seq) && seq >= 0 ? seq : null
}

function sendFailure(
  error: FastifyError | NatterError,
  request: FastifyRequest,
  reply: FastifyReply,
  options: SocketServerOptions,
): void {
  const failure = error instanceof NatterError ? error : fromFramework(error, pathOf(request), OPENAPI_HINT)
  if (failure.code === 'internal') options.onFailure(error, pathOf(request))
  if (failure instanceof RefusedRequest) reply.headers(failure.headers)
  void reply
    .header(...NO_STORE)
    .code(statusOf(failure))
    .send({ error: toErrorInfo(failure) })
}
