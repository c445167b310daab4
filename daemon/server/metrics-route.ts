// GET /metrics, as Prometheus asks for it.

import type { FastifyInstance } from 'fastify'

/** https://prometheus.io/docs/instrumenting/exposition_formats/ */
const CONTENT_TYPE = 'text/plain; version=0.0.4; charset=utf-8'

export function addMetrics(server: FastifyInstance, text: () => Promise<string>): void {
  server.get('/metrics', (_request, reply) => {
    reply.type(CONTENT_TYPE)
    return text()
  })
}
