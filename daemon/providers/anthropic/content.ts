// A conversation as the messages and blocks of Anthropic's Messages API.

import type { JsonObject } from '../json.ts'
import { type ContentPart, type ProviderMessage, textOfMessage } from '../provider.ts'
import { callsOf, joinToolTurns, toArguments } from '../tool-turns.ts'

/** The blocks of an answer with calls, as they came. */
export type KeptTurn = readonly JsonObject[]

export interface AnthropicMessage {
  readonly role: 'user' | 'assistant'
  readonly content: string | readonly JsonObject[]
}

/** `turnOf`: the blocks of an earlier answer as they came, thoughts included; null where ours have to do. */
export function toAnthropicMessages(
  messages: readonly ProviderMessage[],
  turnOf: (message: ProviderMessage) => KeptTurn | null,
): readonly AnthropicMessage[] {
  return joinToolTurns(messages).flatMap((message) => {
    const content = turnOf(message) ?? toContent(message)
    // Nothing empty may be sent.
    return content.length === 0 ? [] : [{ role: message.role, content }]
  })
}

function toContent(message: ProviderMessage): string | readonly JsonObject[] {
  const { content } = message
  return content.every(({ type }) => type === 'text') ? textOfMessage(message) : content.flatMap(toBlock)
}

function toBlock(part: ContentPart): readonly JsonObject[] {
  switch (part.type) {
    case 'text':
      return part.text === '' ? [] : [{ type: 'text', text: part.text }]
    case 'image':
      return [{ type: 'image', source: { type: 'base64', media_type: part.mediaType, data: part.base64 } }]
    case 'image-url':
      return [{ type: 'image', source: { type: 'url', url: part.url } }]
    case 'tool-call':
      return [{ type: 'tool_use', id: toToolId(part.callId), name: part.name, input: toArguments(part.text) }]
    case 'tool-result':
      return [
        {
          type: 'tool_result',
          tool_use_id: toToolId(part.callId),
          ...(part.text === '' ? {} : { content: part.text }),
        },
      ]
  }
}

/** Ids of other vendors may hold letters that are refused here. */
function toToolId(callId: string): string {
  return callId.replace(/[^\w-]/g, '_')
}

/** Whether the blocks that were kept say the same as the message that the client sends back. */
export function isSameTurn(turn: KeptTurn, message: ProviderMessage): boolean {
  const ids = turn.flatMap((block) => (block['type'] === 'tool_use' ? [block['id']] : []))
  const texts = turn.map((block) => (block['type'] === 'text' ? block['text'] : ''))
  const calls = callsOf(message).map(({ callId }) => callId)
  return ids.join('\n') === calls.join('\n') && texts.join('') === textOfMessage(message)
}
