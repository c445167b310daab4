// The openai SDK as request builder: it builds and authorises, our transport carries, our reader reads.

import type OpenAI from 'openai'
import type { Link } from '../exchange.ts'
import { toStatusFailure } from '../exchange.ts'
import type { Endpoint } from '../provider.ts'
import type { HttpResponse, Transport } from '../transport.ts'

export type RequestBody = { readonly [name: string]: unknown }

/** One endpoint's SDK client. */
export interface OpenAIClient {
  /** Posts a body to `responses` or `chat/completions` and asks for a stream; throws a StatusFailure unless 2xx. */
  post(operation: 'responses' | 'chat', body: RequestBody, link: Link): Promise<HttpResponse>
}

/** Longest delay a Node timer takes: our watchdog has the timers, the SDK shall have none. */
const NEVER_MS = 2_147_483_647

interface Call {
  readonly link: Link
  response: HttpResponse | null
  failure: unknown
}

export function createOpenAIClient(Sdk: typeof OpenAI, endpoint: Endpoint, transport: Transport): OpenAIClient {
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
    fetch: carry,
  })
  return { post }

  async function post(operation: 'responses' | 'chat', body: RequestBody, link: Link): Promise<HttpResponse> {
    const call: Call = { link, response: null, failure: null }
    const options = { signal: link.signal, fetchOptions: { call } as object }
    try {
      await start(operation, body, options)
    } catch (error) {
      throw call.failure ?? error
    }
    if (call.response === null) throw new TypeError('The SDK answered without a call')
    return call.response
  }

  function start(operation: 'responses' | 'chat', body: RequestBody, options: object): Promise<unknown> {
    const streaming = { ...body, stream: true } as never
    if (operation === 'responses') return client.responses.create(streaming, options).asResponse()
    return client.chat.completions.create(streaming, options).asResponse()
  }

  /** The SDK's `fetch`: answers with the head only and keeps the body for our own reader. */
  async function carry(url: string | URL | Request, init: RequestInit = {}): Promise<Response> {
    const { call } = init as { readonly call: Call }
    try {
      const response = await transport.send(
        {
          method: 'POST',
          url: String(url),
          headers: Object.fromEntries(init.headers instanceof Headers ? init.headers : new Headers(init.headers)),
          body: typeof init.body === 'string' ? init.body : null,
        },
        { proxy: endpoint.proxy, connectMs: endpoint.timers.connect, ...call.link },
      )
      if (response.status < 200 || response.status > 299) throw await toStatusFailure(response)
      call.response = response
      return new Response(null, { status: response.status })
    } catch (error) {
      call.failure = error
      throw error
    }
  }
}
