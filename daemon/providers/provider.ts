// A provider as the rest of the daemon knows it: one request in, batches of stream parts out.

import type { Conversation } from '../../src/protocol/schema/entities.ts'
import type { StreamPart, Usage } from '../../src/protocol/stream.ts'

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
  readonly content: readonly ContentPart[]
}

/** How closely a picture is looked at, in OpenAI's words; null: as the vendor does by itself. */
export type ImageDetail = 'low' | 'high' | 'auto' | 'original'

/** What a message is made of, as no vendor calls it. Pictures and results stand in messages of the user only. */
export type ContentPart =
  | { readonly type: 'text'; readonly text: string }
  | {
      readonly type: 'image'
      /** `image/png`, `image/jpeg`, `image/webp` or `image/gif`. */
      readonly mediaType: string
      readonly base64: string
      readonly detail: ImageDetail | null
    }
  /** A picture that the vendor fetches by itself; natter opens no address that a caller names. */
  | { readonly type: 'image-url'; readonly url: string; readonly detail: ImageDetail | null }
  /** Of the assistant; `text` is its arguments, as JSON. */
  | { readonly type: 'tool-call'; readonly callId: string; readonly name: string; readonly text: string }
  /** The answer to a call of the message before. */
  | { readonly type: 'tool-result'; readonly callId: string; readonly name: string; readonly text: string }

/** Text only, as most messages are. */
export function toMessage(role: ProviderMessage['role'], text: string): ProviderMessage {
  return { role, content: [{ type: 'text', text }] }
}

/** All text of a message, without pictures and calls. */
export function textOfMessage({ content }: ProviderMessage): string {
  return content.map((part) => (part.type === 'text' ? part.text : '')).join('')
}

/** A function that the model may ask to be called. */
export interface Tool {
  readonly name: string
  readonly description: string | null
  /** JSON Schema of its arguments, an object; null: it takes none. */
  readonly parameters: { readonly [name: string]: unknown } | null
  /** Whether arguments must fit the schema exactly; null: as the vendor does by itself. */
  readonly strict: boolean | null
}

export interface ToolSettings {
  readonly tools: readonly Tool[]
  /** `required`: some tool must be called; a name: that one; null: as the vendor does by itself. */
  readonly choice: 'auto' | 'none' | 'required' | { readonly name: string } | null
  /** Whether several may be called at once; null: as the vendor does by itself. */
  readonly parallel: boolean | null
}

/** What the text of an answer must be. */
export type ResponseFormat =
  | { readonly type: 'json' }
  | {
      readonly type: 'json-schema'
      readonly name: string
      readonly schema: { readonly [name: string]: unknown }
      readonly strict: boolean | null
    }

export interface ProviderRequest {
  /** The vendor's own name of the model. */
  readonly model: string
  readonly system: string | null
  /** Oldest first; the last one is the user's. */
  readonly messages: readonly ProviderMessage[]
  readonly parameters: Parameters
  /** Absent: the model may call nothing. */
  readonly tools?: ToolSettings
  /** Absent: text as it likes. */
  readonly responseFormat?: ResponseFormat
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

export interface EmbeddingRequest {
  /** The vendor's own name of the model. */
  readonly model: string
  readonly input: readonly string[]
  /** Of each vector; null: as many as the model gives by itself. */
  readonly dimensions: number | null
}

export interface EmbeddingAnswer {
  /** One for each input, in its order. */
  readonly vectors: readonly (readonly number[])[]
  /** Null where the vendor said nothing. */
  readonly usage: Usage | null
}

/** What is null is as the vendor does by itself; words as OpenAI's. */
export interface ImageRequest {
  /** The vendor's own name of the model. */
  readonly model: string
  readonly prompt: string
  readonly count: number
  /** `1024x1024`, or `auto`. */
  readonly size: string | null
  readonly quality: string | null
  readonly background: string | null
  readonly format: 'png' | 'jpeg' | 'webp' | null
}

export interface ImageAnswer {
  readonly images: readonly { readonly mediaType: string; readonly base64: string }[]
  /** Null where the vendor said nothing. */
  readonly usage: Usage | null
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
  /** Throws `invalid-request` where the vendor has no embeddings; else as `stream`. */
  embed(request: EmbeddingRequest, options: StreamOptions): Promise<EmbeddingAnswer>
  /**
   * At least one picture and at most `count`: some vendors draw one in each call, and whoever wants more asks again.
   * Throws `invalid-request` where the vendor draws no pictures; else as `stream`.
   */
  drawImages(request: ImageRequest, options: StreamOptions): Promise<ImageAnswer>
  /** The models that the server itself names. */
  listModels(signal: AbortSignal): Promise<readonly ListedModel[]>
}
