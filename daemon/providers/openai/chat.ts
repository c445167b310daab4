// A provider that speaks Chat Completions: every server that imitates OpenAI.

import { type Dialects, sendAdapting } from '../adapting.ts'
import { runExchange } from '../exchange.ts'
import type { Endpoint, Provider } from '../provider.ts'
import type { Link } from '../refusal.ts'
import type { HttpResponse, Transport } from '../transport.ts'
import { adaptDialect, type ChatDialect, initialDialect, toChatBody } from './chat-body.ts'
import { createChatReader } from './chat-reader.ts'
import type { OpenAIClient } from './client.ts'
import { createOpenAIEmbed } from './embeddings.ts'
import { createOpenAIDraw, type ImageDialect } from './images.ts'
import { listOpenAIModels } from './models.ts'

export interface ChatOptions {
  readonly endpoint: Endpoint
  readonly transport: Transport
  readonly dialects: Dialects<ChatDialect>
  readonly imageDialects: Dialects<ImageDialect>
  readonly client: () => Promise<OpenAIClient>
}

export function createChatProvider({ endpoint, transport, dialects, imageDialects, client }: ChatOptions): Provider {
  return {
    stream(request, options) {
      const { model } = request
      return runExchange({ endpoint, model, reader: createChatReader(), prepare: client, send }, options)

      async function send(link: Link): Promise<HttpResponse> {
        const { post } = await client()
        return sendAdapting({
          dialects,
          key: `${endpoint.baseUrl} ${model}`,
          initial: initialDialect(endpoint, model),
          adapt: adaptDialect,
          post: (dialect) => post('chat', toChatBody(request, endpoint, dialect), link),
        })
      }
    },
    embed: createOpenAIEmbed({ endpoint, client }),
    drawImages: createOpenAIDraw({ endpoint, client, imageDialects }),
    listModels: (signal) => listOpenAIModels(endpoint, transport, signal),
  }
}
