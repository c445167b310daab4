// The OpenAPI document, made from the same schemas that check the requests.

import { PROTOCOL } from '../../src/protocol/hello.ts'
import { eventSchema } from '../../src/protocol/schema/events.ts'
import { OPERATIONS } from '../../src/protocol/schema/operations.ts'
import { healthSchema, helloSchema } from '../../src/protocol/schema/probes.ts'
import { errorSchema } from '../../src/protocol/schema/scalars.ts'

const failure = {
  description: 'What went wrong, and what to do',
  content: {
    'application/json': {
      schema: {
        type: 'object',
        properties: { error: errorSchema },
        required: ['error'],
        additionalProperties: false,
      },
    },
  },
}

/** An OpenAPI 3.1 document, whose schema dialect is JSON Schema itself: https://spec.openapis.org/oas/v3.1.1 */
export function toOpenApi(version: string): object {
  const paths: Record<string, object> = {}
  for (const [name, operation] of Object.entries(OPERATIONS)) {
    paths[`/api/${name}`] = {
      post: {
        operationId: name,
        summary: operation.summary,
        requestBody: { required: true, content: { 'application/json': { schema: operation.request } } },
        responses: {
          '200': { description: 'Done', content: { 'application/json': { schema: operation.response } } },
          default: failure,
        },
      },
    }
  }
  paths['/api/events'] = { get: eventsOperation() }
  paths['/api/hello'] = {
    get: readOperation('hello', 'Which protocol, version and build the daemon speaks and is', helloSchema),
  }
  paths['/api/openapi.json'] = {
    get: readOperation('openapi', 'This document', { type: 'object', required: ['openapi', 'info', 'paths'] }),
  }
  paths['/health'] = {
    get: readOperation('health', 'That the daemon answers, and how its storage stands', healthSchema),
  }
  return {
    openapi: '3.1.1',
    info: { title: 'natterd', version, description: `Protocol ${PROTOCOL}, spoken on the socket of its owner.` },
    paths,
  }
}

function readOperation(operationId: string, summary: string, schema: object): object {
  return {
    operationId,
    summary,
    responses: { '200': { description: 'Done', content: { 'application/json': { schema } } }, default: failure },
  }
}

function eventsOperation(): object {
  return {
    operationId: 'events',
    summary: 'Server-sent events of conversations, from a snapshot on; each data line is one event',
    parameters: [
      {
        name: 'conversation',
        in: 'query',
        required: true,
        description: 'A conversation id; may be repeated; or * for starts and ends of all',
        schema: { type: 'array', items: { type: 'string' } },
      },
      {
        name: 'Last-Event-ID',
        in: 'header',
        description: 'Resume after this seq, without loss or repeat',
        schema: { type: 'integer', minimum: 0 },
      },
    ],
    responses: {
      '200': {
        description: 'The stream',
        content: { 'text/event-stream': { itemSchema: eventSchema, schema: eventSchema } },
      },
      default: failure,
    },
  }
}
