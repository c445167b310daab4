// What the head of an answer said, for whoever keeps the record and the limits.

import type { StreamOptions } from './provider.ts'
import type { HttpResponse } from './transport.ts'

export function reportHead(
  { status, headers }: Pick<HttpResponse, 'status' | 'headers'>,
  options: StreamOptions,
): void {
  options.onHead?.({ status, requestId: headers['x-request-id'] ?? headers['request-id'] ?? null, headers })
}
