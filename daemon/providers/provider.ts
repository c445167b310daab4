// A provider as the rest of the daemon knows it: one request in, batches of stream parts out.

import type { Conversation } from '../../src/protocol/schema/entities.ts'
import type { StreamPart } from '../../src/protocol/stream.ts'

type Parameters = Conversation['parameters']

/** The wire formats that we speak. */
export type WireFormat = 'openai-responses' | 'openai-chat' | 'anthropic' | 'gemini' | 'demo'

/** Where to call and with what: made for one turn, never logged. */
export interface Endpoint {
  /** As users name it: `openai`, `ollama`, `my-server`. */
  readonly provider: string
  readonly format: WireFormat
  readonly baseUrl: string
  readonly apiKey: string | null
  readonly headers: { readonly [name: string]: string }
  /** A model may have to be loaded first: longer timers. */
  readonly local: boolean
  readonly proxy: string | null
  readonly timers: StreamTimers
}

/** All in milliseconds. */
export interface StreamTimers {
  readonly connect: number
  /** From the request to the first byte of the answer's body. */
  readonly firstByte: number
  /** Between two real payloads; comments and pings do not count. */
  readonly progress: number
  readonly total: number
}

export interface ProviderMessage {
  readonly role: 'user' | 'assistant'
  readonly text: string
}

export interface ProviderRequest {
  /** The vendor's own name of the model. */
  readonly model: string
  readonly system: string | null
  /** Oldest first; the last one is the user's. */
  readonly messages: readonly ProviderMessage[]
  readonly parameters: Parameters
}

/** What the answer's head said, for the record and for the limits. */
export interface ResponseHead {
  readonly status: number
  readonly requestId: string | null
  readonly headers: { readonly [name: string]: string }
}

export interface StreamOptions {
  readonly onHead?: (head: ResponseHead) => void
  readonly signal: AbortSignal
}

export interface ListedModel {
  readonly id: string
  readonly name: string | null
  readonly contextTokens: number | null
  readonly outputTokens: number | null
}

export interface Provider {
  /**
   * The first text at once, then a batch for every 33 ms at most, neighbouring deltas not yet merged; the last batch
   * of a complete stream holds `finish`, and `usage` where the vendor sent it. Throws a NatterError for everything
   * that is not a complete answer: a stream that ends without its terminal marker throws `truncated` after what came
   * was yielded. An abort throws the signal's reason. Nothing is retried here but a request that died on a reused
   * socket before any byte came back.
   */
  stream(request: ProviderRequest, options: StreamOptions): AsyncIterable<readonly StreamPart[]>
  /** The models that the server itself names. */
  listModels(signal: AbortSignal): Promise<readonly ListedModel[]>
}
