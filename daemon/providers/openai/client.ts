// The openai SDK as request builder: it makes and authorises the head of a request, once for each endpoint.

import type OpenAI from 'openai'
import type { Endpoint } from '../provider.ts'
import { type Link, sendForSuccess } from '../refusal.ts'
import type { HttpRequest, HttpResponse, Transport } from '../transport.ts'

export type RequestBody = { readonly [name: string]: unknown }
export type Operation = 'responses' | 'chat'

/** One endpoint's requests. */
export interface OpenAIClient {
  /** Posts a body and asks for a stream; throws a StatusFailure unless the answer is a success. */
  post(operation: Operation, body: RequestBody, link: Link): Promise<HttpResponse>
}

type Head = Pick<HttpRequest, 'url' | 'headers'>

/** Longest delay a Node timer takes: our watchdog has the timers, the SDK shall have none. */
const NEVER_MS = 2_147_483_647

/**
 * Nothing in a head depends on the body, so the SDK is asked for each head once and the calls go straight to our
 * transport: through the SDK every call would cost 0.2 ms more, and a copy of the whole conversation.
 */
export async function createOpenAIClient(
  Sdk: typeof OpenAI,
  endpoint: Endpoint,
  transport: Transport,
): Promise<OpenAIClient> {
  const heads = { chat: await headOf('chat', Sdk, endpoint), responses: await headOf('responses', Sdk, endpoint) }
  return { post }

  function post(operation: Operation, body: RequestBody, link: Link): Promise<HttpResponse> {
    const request = { method: 'POST', ...heads[operation], body: JSON.stringify({ ...body, stream: true }) } as const
    return sendForSuccess(request, endpoint, transport, link)
  }
}

/** Lets the SDK make a request, and keeps it instead of sending it. */
async function headOf(operation: Operation, Sdk: typeof OpenAI, endpoint: Endpoint): Promise<Head> {
  const kept: Head[] = []
  const client = new Sdk({
    apiKey: endpoint.apiKey ?? 'none',
    adminAPIKey: null,
    organization: null,
    project: null,
    webhookSecret: null,
    baseURL: endpoint.baseUrl,
    maxRetries: 0,
    timeout: NEVER_MS,
    logLevel: 'off',
    defaultHeaders: { ...(endpoint.apiKey === null ? { authorization: null } : {}), ...endpoint.headers },
    async fetch(url, init) {
      kept.push({ url: String(url), headers: Object.fromEntries(new Headers(init?.headers)) })
      return new Response(null)
    },
  })
  const body = { model: '', stream: true } as const
  const request =
    operation === 'chat'
      ? client.chat.completions.create({ ...body, messages: [] })
      : client.responses.create({ ...body, input: [] })
  await request.asResponse()
  const [head] = kept
  if (head === undefined) throw new TypeError('The SDK made no request')
  return head
}
