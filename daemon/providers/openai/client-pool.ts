// Keeps SDK clients between turns, and the SDK itself out of the way until somebody needs it.

import type OpenAI from 'openai'
import type { Endpoint } from '../provider.ts'
import { rememberMade } from '../remember.ts'
import type { Transport } from '../transport.ts'
import { createOpenAIClient, type OpenAIClient } from './client.ts'

export interface ClientPool {
  client(endpoint: Endpoint): Promise<OpenAIClient>
}

/** Keys and headers change between turns, so old clients must go at some time. */
const CLIENTS_MAX = 64

export function createClientPool(transport: Transport): ClientPool {
  const clients = new Map<string, Promise<OpenAIClient>>()
  const loaded = new Map<string, Promise<typeof OpenAI>>()
  return {
    client(endpoint) {
      const { baseUrl, apiKey, headers, proxy, timers } = endpoint
      const key = JSON.stringify([baseUrl, apiKey, headers, proxy, timers.connect])
      if (clients.size >= CLIENTS_MAX && !clients.has(key)) clients.clear()
      return rememberMade(clients, key, async () => {
        await transport.warm()
        return createOpenAIClient(await load(), endpoint, transport)
      })
    },
  }

  /** The SDK takes 90 ms and 30 MB, so the daemon answers its first client before it loads. */
  function load(): Promise<typeof OpenAI> {
    return rememberMade(loaded, 'openai', async () => (await import('openai')).OpenAI)
  }
}
