// A conversation as the messages of Chat Completions.

import { createHash } from 'node:crypto'
import {
  type ContentPart,
  type Endpoint,
  type ProviderMessage,
  type ProviderRequest,
  textOfMessage,
} from '../provider.ts'
import { callsOf, resultsOf } from '../tool-turns.ts'
import type { RequestBody } from './client.ts'
import { hostOf } from './host.ts'

type PicturePart = Extract<ContentPart, { type: 'image' | 'image-url' }>
type SpokenPart = PicturePart | Extract<ContentPart, { type: 'text' }>

/** https://platform.openai.com/docs/api-reference/chat/create; results of tools are messages of their own. */
export function toChatMessages(request: ProviderRequest, endpoint: Endpoint): readonly RequestBody[] {
  const system = request.system === null ? [] : [{ role: 'system', content: request.system }]
  const callId = isMistral(endpoint) ? toMistralId : (id: string) => id
  const messages = request.messages.flatMap((message) =>
    message.role === 'assistant' ? [toAssistant(message, callId, endpoint)] : toUser(message, callId),
  )
  return [...system, ...messages]
}

function toAssistant(message: ProviderMessage, callId: (id: string) => string, endpoint: Endpoint): RequestBody {
  const text = textOfMessage(message)
  const calls = callsOf(message)
  if (calls.length === 0) return { role: 'assistant', content: text }
  return {
    role: 'assistant',
    // Beside calls an empty text is refused, null is not.
    content: text === '' ? null : text,
    // DeepSeek refuses calls without the thoughts that led to them, but takes empty ones.
    ...(isDeepSeek(endpoint) ? { reasoning_content: '' } : {}),
    tool_calls: calls.map((call) => ({
      id: callId(call.callId),
      type: 'function',
      function: { name: call.name, arguments: call.text.trim() === '' ? '{}' : call.text },
    })),
  }
}

function toUser(message: ProviderMessage, callId: (id: string) => string): readonly RequestBody[] {
  const results = resultsOf(message).map((result) => ({
    role: 'tool',
    tool_call_id: callId(result.callId),
    content: result.text,
  }))
  const rest = message.content.filter(isSpoken)
  if (rest.length === 0 && results.length > 0) return results
  return [...results, { role: 'user', content: toContent(message, rest) }]
}

/** Text alone goes as a string: not every imitator knows lists of parts. */
function toContent(message: ProviderMessage, parts: readonly SpokenPart[]): string | readonly RequestBody[] {
  if (parts.every(({ type }) => type === 'text')) return textOfMessage(message)
  return parts.map((part) =>
    part.type === 'text'
      ? { type: 'text', text: part.text }
      : {
          type: 'image_url',
          image_url: { url: toPictureUrl(part), ...(part.detail === null ? {} : { detail: part.detail }) },
        },
  )
}

function isSpoken(part: ContentPart): part is SpokenPart {
  return part.type === 'text' || part.type === 'image' || part.type === 'image-url'
}

export function toPictureUrl(part: PicturePart): string {
  return part.type === 'image' ? `data:${part.mediaType};base64,${part.base64}` : part.url
}

function isMistral(endpoint: Endpoint): boolean {
  return endpoint.provider === 'mistral' || hostOf(endpoint) === 'api.mistral.ai'
}

function isDeepSeek(endpoint: Endpoint): boolean {
  return endpoint.provider === 'deepseek' || hostOf(endpoint) === 'api.deepseek.com'
}

/** Mistral takes ids of nine letters and digits only; calls of another vendor get such a name, always the same. */
function toMistralId(callId: string): string {
  if (/^[a-zA-Z0-9]{9}$/.test(callId)) return callId
  return createHash('sha256').update(callId).digest('hex').slice(0, 9)
}
