// What of a request's address may be told and logged.

import type { FastifyRequest } from 'fastify'

/** Without what follows the path, where a client may have put its token. */
export function pathOf({ url }: Pick<FastifyRequest, 'url'>): string {
  return url.replace(/[?#].*$/s, '')
}
