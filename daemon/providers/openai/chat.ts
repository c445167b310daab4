// A provider that speaks Chat Completions: every server that imitates OpenAI.

import { type Dialects, sendAdapting } from '../adapting.ts'
import { runExchange } from '../exchange.ts'
import type { Endpoint, Provider, ProviderRequest } from '../provider.ts'
import type { Link } from '../refusal.ts'
import type { HttpResponse, Transport } from '../transport.ts'
import { adaptDialect, type ChatDialect, initialDialect, toChatBody } from './chat-body.ts'
import { createChatReader } from './chat-reader.ts'
import type { OpenAIClient } from './client.ts'
import { createOpenAIEmbed } from './embeddings.ts'
import { createOpenAIDraw, type ImageDialect } from './images.ts'
import { listOpenAIModels } from './models.ts'

export interface ChatSending {
  readonly endpoint: Endpoint
  readonly dialects: Dialects<ChatDialect>
  readonly client: () => Promise<OpenAIClient>
}

export interface ChatOptions extends ChatSending {
  readonly transport: Transport
  readonly imageDialects: Dialects<ImageDialect>
}

export function createChatProvider({ endpoint, transport, dialects, imageDialects, client }: ChatOptions): Provider {
  return {
    stream(request, options) {
      const { model } = request
      const send = (link: Link) => sendChat({ endpoint, dialects, client }, request, link)
      return runExchange({ endpoint, model, reader: createChatReader(), prepare: client, send }, options)
    },
    embed: createOpenAIEmbed({ endpoint, client }),
    drawImages: createOpenAIDraw({ endpoint, client, imageDialects }),
    listModels: (signal) => listOpenAIModels(endpoint, transport, signal),
  }
}

/** Throws a StatusFailure for every answer that is no success. */
export async function sendChat(
  { endpoint, dialects, client }: ChatSending,
  request: ProviderRequest,
  link: Link,
): Promise<HttpResponse> {
  const { model } = request
  const { post } = await client()
  return sendAdapting({
    dialects,
    key: `${endpoint.baseUrl} ${model}`,
    initial: initialDialect(endpoint, model),
    adapt: adaptDialect,
    post: (dialect) => post('chat', toChatBody(request, endpoint, dialect), link),
  })
}
