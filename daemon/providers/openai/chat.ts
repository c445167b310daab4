// A provider that speaks Chat Completions: every server that imitates OpenAI.

import { type Exchange, runExchange } from '../exchange.ts'
import { StatusFailure } from '../failures.ts'
import type { Endpoint, Provider } from '../provider.ts'
import type { Transport } from '../transport.ts'
import { adaptDialect, type ChatDialect, initialDialect, toChatBody } from './chat-body.ts'
import { createChatReader } from './chat-reader.ts'
import type { OpenAIClient } from './client.ts'
import { listOpenAIModels } from './models.ts'

/** What a server taught us about its dialect, by model; shared by all turns that ask it. */
export type Dialects = Map<string, ChatDialect>

export interface ChatOptions {
  readonly endpoint: Endpoint
  readonly transport: Transport
  readonly dialects: Dialects
  readonly client: () => Promise<OpenAIClient>
}

/** There are two fields that a server may refuse. */
const ATTEMPTS = 3

export function createChatProvider({ endpoint, transport, dialects, client }: ChatOptions): Provider {
  return {
    stream(request, options) {
      const send: Exchange['send'] = async (link) => {
        const { post } = await client()
        for (let attempt = 1; ; attempt += 1) {
          const dialect = dialects.get(request.model) ?? initialDialect(endpoint, request.model)
          try {
            return await post('chat', toChatBody(request, endpoint, dialect), link)
          } catch (error) {
            const adapted = error instanceof StatusFailure ? adaptDialect(dialect, error.status, error.body) : null
            if (adapted === null || attempt === ATTEMPTS) throw error
            dialects.set(request.model, adapted)
          }
        }
      }
      return runExchange({ endpoint, model: request.model, reader: createChatReader(), send }, options)
    },
    listModels: (signal) => listOpenAIModels(endpoint, transport, signal),
  }
}
