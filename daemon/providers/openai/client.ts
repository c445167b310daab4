// The openai SDK as request builder: it makes and authorises the head of a request, once for each endpoint.

import type OpenAI from 'openai'
import type { Endpoint } from '../provider.ts'
import { type Link, sendForSuccess } from '../refusal.ts'
import type { HttpRequest, HttpResponse, Transport } from '../transport.ts'

export type RequestBody = { readonly [name: string]: unknown }
export type Operation = 'responses' | 'chat' | 'embeddings' | 'images'

/** One endpoint's requests. */
export interface OpenAIClient {
  /** Posts a body, asks for a stream where there are streams; throws a StatusFailure unless the answer is a success. */
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
  const heads = {
    chat: await headOf('chat', Sdk, endpoint),
    responses: await headOf('responses', Sdk, endpoint),
    embeddings: await headOf('embeddings', Sdk, endpoint),
    images: await headOf('images', Sdk, endpoint),
  }
  return { post }

  function post(operation: Operation, body: RequestBody, link: Link): Promise<HttpResponse> {
    const streamed = operation === 'chat' || operation === 'responses'
    const text = JSON.stringify(streamed ? { ...body, stream: true } : body)
    const request = { method: 'POST', ...heads[operation], body: text } as const
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
  await ask(client, operation).asResponse()
  const [head] = kept
  if (head === undefined) throw new TypeError('The SDK made no request')
  return head
}

function ask(client: OpenAI, operation: Operation): { asResponse(): Promise<unknown> } {
  const streamed = { model: '', stream: true } as const
  switch (operation) {
    case 'chat':
      return client.chat.completions.create({ ...streamed, messages: [] })
    case 'responses':
      return client.responses.create({ ...streamed, input: [] })
    case 'embeddings':
      return client.embeddings.create({ model: '', input: [] })
    case 'images':
      return client.images.generate({ model: '', prompt: '' })
  }
}
