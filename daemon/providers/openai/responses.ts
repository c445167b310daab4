// A provider that speaks the Responses API: OpenAI itself, and those who imitate it as far as that.

import { type Dialects, sendAdapting } from '../adapting.ts'
import { runExchange } from '../exchange.ts'
import type { Endpoint, Provider, ProviderRequest } from '../provider.ts'
import type { Link } from '../refusal.ts'
import type { HttpResponse, Transport } from '../transport.ts'
import { sendChat } from './chat.ts'
import type { ChatDialect } from './chat-body.ts'
import { type ChatOnly, createTurningReader, sendEither } from './chat-instead.ts'
import { createChatReader } from './chat-reader.ts'
import type { OpenAIClient } from './client.ts'
import { createOpenAIEmbed } from './embeddings.ts'
import { createOpenAIDraw, type ImageDialect } from './images.ts'
import { listOpenAIModels } from './models.ts'
import {
  adaptResponsesDialect,
  INITIAL_RESPONSES_DIALECT,
  type ResponsesDialect,
  toResponsesBody,
} from './responses-body.ts'
import { createResponsesReader } from './responses-reader.ts'

export interface ResponsesOptions {
  readonly endpoint: Endpoint
  readonly transport: Transport
  readonly dialects: Dialects<ResponsesDialect>
  /** For servers that turn out to know Chat Completions alone. */
  readonly chatDialects: Dialects<ChatDialect>
  readonly chatOnly: ChatOnly
  readonly imageDialects: Dialects<ImageDialect>
  readonly client: () => Promise<OpenAIClient>
}

/** A name that no vendor has: a server that is not OpenAI's is asked in the words that all imitators know. */
const IMITATOR = 'openai-compatible'

export function createResponsesProvider(options: ResponsesOptions): Provider {
  const { endpoint, transport, dialects, chatDialects, chatOnly, imageDialects, client } = options
  return {
    stream(request, streamOptions) {
      const { model } = request
      const reader = createTurningReader(createResponsesReader())
      return runExchange({ endpoint, model, reader, prepare: client, send }, streamOptions)

      function send(link: Link): Promise<HttpResponse> {
        return sendEither({
          endpoint,
          chatOnly,
          responses: () => sendResponses(request, link),
          chat() {
            reader.turn(createChatReader())
            const imitator = { ...endpoint, provider: IMITATOR }
            return sendChat({ endpoint: imitator, dialects: chatDialects, client }, request, link)
          },
        })
      }
    },
    embed: createOpenAIEmbed({ endpoint, client }),
    drawImages: createOpenAIDraw({ endpoint, client, imageDialects }),
    listModels: (signal) => listOpenAIModels(endpoint, transport, signal),
  }

  async function sendResponses(request: ProviderRequest, link: Link): Promise<HttpResponse> {
    const { post } = await client()
    return sendAdapting({
      dialects,
      key: `${endpoint.baseUrl} ${request.model}`,
      initial: INITIAL_RESPONSES_DIALECT,
      adapt: adaptResponsesDialect,
      post: (dialect) => post('responses', toResponsesBody(request, dialect), link),
    })
  }
}
