// The door of this room: endpoints in, providers out; clients and connections are kept between turns.

import { createDemoProvider } from './demo/demo.ts'
import { createChatProvider } from './openai/chat.ts'
import type { ChatDialect } from './openai/chat-body.ts'
import { createClientPool } from './openai/client-pool.ts'
import { PRESETS, type Preset } from './presets.ts'
import type { Endpoint, Provider } from './provider.ts'
import { remember } from './remember.ts'
import { createTransport } from './transport.ts'

export interface ProvidersOptions {
  /** HTTP/2 where a server offers it; default true. */
  readonly allowH2?: boolean
}

export interface Providers {
  /** Cheap: made for each turn. Never fails; a wrong endpoint fails when it is called. */
  provider(endpoint: Endpoint): Provider
  readonly presets: { readonly [provider: string]: Preset }
  /** Loads what the first call to any provider needs, 200 ms of work; call it when there is nothing else to do. */
  warm(): Promise<void>
  /** Closes all connections; calls that still run fail. */
  close(): Promise<void>
}

export function createProviders(options: ProvidersOptions = {}): Providers {
  const transport = createTransport(options)
  const demo = createDemoProvider()
  const pool = createClientPool(transport)
  const dialects = new Map<string, Map<string, ChatDialect>>()
  return { provider, presets: PRESETS, warm, close: transport.close }

  function provider(endpoint: Endpoint): Provider {
    switch (endpoint.format) {
      case 'demo':
        return demo
      case 'openai-chat':
        return createChatProvider({
          endpoint,
          transport,
          dialects: remember(dialects, endpoint.baseUrl, () => new Map()),
          client: () => pool.client(endpoint),
        })
      case 'openai-responses':
      case 'anthropic':
      case 'gemini':
        throw new TypeError('not yet')
    }
  }

  async function warm(): Promise<void> {
    await transport.warm()
    await pool.warm()
  }
}
