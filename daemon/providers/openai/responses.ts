// A provider that speaks the Responses API: OpenAI itself.

import { type Dialects, sendAdapting } from '../adapting.ts'
import { runExchange } from '../exchange.ts'
import type { Endpoint, Provider } from '../provider.ts'
import type { Link } from '../refusal.ts'
import type { HttpResponse, Transport } from '../transport.ts'
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
  readonly imageDialects: Dialects<ImageDialect>
  readonly client: () => Promise<OpenAIClient>
}

export function createResponsesProvider({
  endpoint,
  transport,
  dialects,
  imageDialects,
  client,
}: ResponsesOptions): Provider {
  return {
    stream(request, options) {
      const { model } = request
      return runExchange({ endpoint, model, reader: createResponsesReader(), prepare: client, send }, options)

      async function send(link: Link): Promise<HttpResponse> {
        const { post } = await client()
        return sendAdapting({
          dialects,
          key: `${endpoint.baseUrl} ${model}`,
          initial: INITIAL_RESPONSES_DIALECT,
          adapt: adaptResponsesDialect,
          post: (dialect) => post('responses', toResponsesBody(request, dialect), link),
        })
      }
    },
    embed: createOpenAIEmbed({ endpoint, client }),
    drawImages: createOpenAIDraw({ endpoint, client, imageDialects }),
    listModels: (signal) => listOpenAIModels(endpoint, transport, signal),
  }
}
