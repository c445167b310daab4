// The door of this room: endpoints in, providers out; clients and connections are kept between turns.

import type { Dialects } from './adapting.ts'
import type { KeptTurn } from './anthropic/content.ts'
import type { AnthropicDialect } from './anthropic/dialect.ts'
import { createAnthropicProvider } from './anthropic/messages.ts'
import { createDemoProvider } from './demo/demo.ts'
import { type Discovery, discoverServers, type LocalServer } from './discovery.ts'
import type { KeptSignature } from './gemini/content.ts'
import { createGeminiProvider } from './gemini/generate.ts'
import { createKeepsakeRoom } from './keepsakes.ts'
import { createChatProvider } from './openai/chat.ts'
import type { ChatDialect } from './openai/chat-body.ts'
import { createChatOnly } from './openai/chat-instead.ts'
import { createClientPool } from './openai/client-pool.ts'
import type { ImageDialect } from './openai/images.ts'
import { createResponsesProvider } from './openai/responses.ts'
import type { ResponsesDialect } from './openai/responses-body.ts'
import { PRESETS, type Preset } from './presets.ts'
import type { Endpoint, Provider } from './provider.ts'
import { createTransport } from './transport.ts'

export interface ProvidersOptions {
  /** False: no port of this machine is ever probed. Default true. */
  readonly discover?: boolean
  /** Where local servers are looked for; for tests. */
  readonly localBaseUrls?: NonNullable<Discovery['baseUrls']>
}

export interface Providers {
  /** Cheap: made for each turn. Never fails; a wrong endpoint fails when it is called. */
  provider(endpoint: Endpoint): Provider
  readonly presets: { readonly [provider: string]: Preset }
  /** Model servers on this machine, within about 300 ms; `ollamaHost` is the value of OLLAMA_HOST, where there is one. */
  discoverLocal(ollamaHost: string | null, signal: AbortSignal): Promise<readonly LocalServer[]>
  /** Closes all connections; calls that still run fail. */
  close(): Promise<void>
}

export function createProviders(options: ProvidersOptions = {}): Providers {
  const transport = createTransport()
  const pool = createClientPool(transport)
  const demo = createDemoProvider()
  const chatDialects: Dialects<ChatDialect> = new Map()
  const responsesDialects: Dialects<ResponsesDialect> = new Map()
  const chatOnly = createChatOnly()
  const imageDialects: Dialects<ImageDialect> = new Map()
  const anthropicDialects: Dialects<AnthropicDialect> = new Map()
  const turns = createKeepsakeRoom<KeptTurn>()
  const signatures = createKeepsakeRoom<KeptSignature>()
  return { provider, presets: PRESETS, discoverLocal, close: transport.close }

  function provider(endpoint: Endpoint): Provider {
    const client = () => pool.client(endpoint)
    switch (endpoint.format) {
      case 'demo':
        return demo
      case 'openai-chat':
        return createChatProvider({ endpoint, transport, dialects: chatDialects, imageDialects, client })
      case 'openai-responses':
        return createResponsesProvider({
          endpoint,
          transport,
          dialects: responsesDialects,
          chatDialects,
          chatOnly,
          imageDialects,
          client,
        })
      case 'anthropic':
        return createAnthropicProvider({ endpoint, transport, dialects: anthropicDialects, keepsakes: turns })
      case 'gemini':
        return createGeminiProvider({ endpoint, transport, keepsakes: signatures })
    }
  }

  async function discoverLocal(ollamaHost: string | null, signal: AbortSignal): Promise<readonly LocalServer[]> {
    if (options.discover === false) return []
    return discoverServers({ ollamaHost, baseUrls: options.localBaseUrls ?? {} }, transport, signal)
  }
}
