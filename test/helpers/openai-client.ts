// Clients of the OpenAI-compatible door, as programs have them: the official SDK and plain HTTP, over the owner's socket.

import { type IncomingMessage, request } from 'node:http'
import OpenAI from 'openai'
import { Agent, fetch } from 'undici'
import type { Aimock } from './aimock.ts'
import { clientOf, createHome, type Home } from './home.ts'
import type { Scenario } from './lab.ts'

export interface OpenAiClient extends AsyncDisposable {
  readonly sdk: OpenAI
  readonly fetch: typeof globalThis.fetch
  /** Answers with the head; the body is for the caller to read, or not to. */
  send(path: string, options?: SendOptions): Promise<IncomingMessage>
}

export interface SendOptions {
  readonly method?: string
  readonly body?: unknown
  readonly headers?: { readonly [name: string]: string }
  readonly signal?: AbortSignal
}

/** With a provider for each wire format, and one for each way in which a server misbehaves. */
export function vendorHome(
  aimock: Aimock,
  {
    providers = {},
    scenarios = [],
    ...settings
  }: { providers?: object; scenarios?: Scenario[]; [name: string]: unknown } = {},
): Home {
  const { baseUrls } = aimock
  const misbehaving = scenarios.map((scenario) => [
    scenario,
    { format: 'openai-chat', baseUrl: aimock.labUrl('openai-chat', scenario), local: true },
  ])
  return createHome({
    providers: {
      chat: { format: 'openai-chat', baseUrl: baseUrls['openai-chat'], local: true },
      responses: { format: 'openai-responses', baseUrl: baseUrls['openai-responses'], local: true },
      claude: { format: 'anthropic', baseUrl: baseUrls.anthropic, local: true },
      google: { format: 'gemini', baseUrl: baseUrls.gemini, local: true },
      ...Object.fromEntries(misbehaving),
      ...providers,
    },
    ...settings,
  })
}

/** Starts the daemon of that home. */
export async function openAiClientOf(home: Home): Promise<OpenAiClient> {
  await clientOf(home).call('status', {})
  const socketPath = home.paths.socket
  const dispatcher = new Agent({ connect: { socketPath } })
  const overSocket = ((url: string, init: object) =>
    fetch(url, { ...init, dispatcher })) as unknown as typeof globalThis.fetch
  const sdk = new OpenAI({ baseURL: 'http://natterd/v1', apiKey: 'none', maxRetries: 0, fetch: overSocket })
  return { sdk, fetch: overSocket, send, [Symbol.asyncDispose]: () => dispatcher.destroy() }

  function send(path: string, { method, body, headers, signal }: SendOptions = {}): Promise<IncomingMessage> {
    return new Promise((resolve, reject) => {
      const text = body === undefined || typeof body === 'string' ? body : JSON.stringify(body)
      const outgoing = request({
        socketPath,
        path,
        agent: false,
        method: method ?? (text === undefined ? 'GET' : 'POST'),
        headers: { host: 'natterd', ...(text === undefined ? {} : { 'content-type': 'application/json' }), ...headers },
        ...(signal === undefined ? {} : { signal }),
      })
      outgoing.on('response', resolve)
      outgoing.on('error', reject)
      outgoing.end(text)
    })
  }
}

export async function textOfAnswer(answer: IncomingMessage): Promise<string> {
  let text = ''
  for await (const chunk of answer.setEncoding('utf8')) text += chunk
  return text
}

/** The data of each event, in their order. */
export function eventsOf(text: string): string[] {
  return text.split('\n\n').flatMap((event) => /^data: ([^\n]*)/m.exec(event)?.[1] ?? [])
}

export async function all<Value>(values: AsyncIterable<Value>): Promise<Value[]> {
  const taken: Value[] = []
  for await (const value of values) taken.push(value)
  return taken
}
