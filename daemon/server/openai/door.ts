// The OpenAI-compatible door: `/v1/*` for any server of the daemon, which says whose each request is.

import type { FastifyError, FastifyInstance, FastifyPluginCallback, FastifyReply, FastifyRequest } from 'fastify'
import { BOUNDS } from '../../../src/protocol/bounds.ts'
import type { NatterError } from '../../../src/protocol/errors.ts'
import { pathOf } from '../path-of.ts'
import { createChatRoute } from './chat-route.ts'
import type { OpenAiDoorOptions } from './door-options.ts'
import { createEmbeddingsRoute } from './embeddings-route.ts'
import { BadRequest, toFailure, toRefusal } from './errors.ts'
import { createImagesRoute } from './images-route.ts'
import { findOpenAiModel, listOpenAiModels } from './models-route.ts'
import { createResponsesRoute } from './responses-route.ts'

/** Bodies that may hold pictures, in base64. */
const PICTURES_BYTES = 64 * 1024 * 1024
const PREFIX = '/v1'

/**
 * Adds the routes. The server must read JSON (`addJsonBody`) and know senders (`addSender`); its hooks run before these
 * routes too, and what they throw is worded as OpenAI does.
 */
export function addOpenAiDoor(server: FastifyInstance, options: OpenAiDoorOptions): void {
  server.register(createOpenAiDoor(options), { prefix: PREFIX })
}

function createOpenAiDoor(options: OpenAiDoorOptions): FastifyPluginCallback {
  return (door, _settings, done) => {
    door.setErrorHandler((error: FastifyError, request, reply) => sendRefusal(error, request, reply, options))
    door.setNotFoundHandler((request, reply) => sendRefusal(unknownRoute(door, request), request, reply, options))
    door.post('/chat/completions', { bodyLimit: PICTURES_BYTES }, createChatRoute(options))
    door.post('/responses', { bodyLimit: PICTURES_BYTES }, createResponsesRoute(options))
    door.post('/embeddings', createEmbeddingsRoute(options))
    door.post('/images/generations', createImagesRoute(options))
    door.get('/models', async () => ({ object: 'list', data: await listOpenAiModels(options) }))
    door.get<{ Params: { '*': string } }>('/models/*', ({ params }) => findOpenAiModel(options, params['*']))
    done()
  }
}

function unknownRoute(door: FastifyInstance, request: FastifyRequest): BadRequest {
  const { method } = request
  const path = pathOf(request)
  const allowed = (['GET', 'POST'] as const).find((known) => door.hasRoute({ method: known, url: path }))
  if (allowed === undefined) {
    return new BadRequest(`There is no ${method} ${path.slice(0, 300)}`, {
      status: 404,
      code: 'unknown_url',
      hint: 'There are chat/completions, responses, models, embeddings and images/generations',
    })
  }
  return new BadRequest(`There is no ${method} ${path}: it takes ${allowed} only`, {
    status: 405,
    code: 'method_not_allowed',
  })
}

function sendRefusal(
  error: FastifyError | NatterError,
  request: FastifyRequest,
  reply: FastifyReply,
  { onFailure }: OpenAiDoorOptions,
): void {
  const limit = request.routeOptions.bodyLimit ?? BOUNDS.requestBytes
  const failure = toFailure(error, pathOf(request), limit)
  if (failure.code === 'internal') onFailure(error, pathOf(request))
  const { status, headers, error: told } = toRefusal(failure)
  void reply.headers(headers).code(status).send({ error: told })
}
