// Posts JSON and asks for a stream, for the formats whose vendor's SDK we do without.

import type { JsonObject } from './json.ts'
import type { Endpoint } from './provider.ts'
import { type Link, sendForSuccess } from './refusal.ts'
import type { HttpResponse, Transport } from './transport.ts'

export interface StreamRequest {
  readonly url: string
  readonly headers: { readonly [name: string]: string }
  readonly body: JsonObject
}

/** Throws a StatusFailure unless the answer is a success. */
export function post(
  request: StreamRequest,
  endpoint: Endpoint,
  transport: Transport,
  link: Link,
): Promise<HttpResponse> {
  return sendForSuccess(
    {
      method: 'POST',
      url: request.url,
      headers: {
        'content-type': 'application/json',
        accept: 'text/event-stream',
        'user-agent': 'natter',
        ...request.headers,
      },
      body: JSON.stringify(request.body),
    },
    endpoint,
    transport,
    link,
  )
}
