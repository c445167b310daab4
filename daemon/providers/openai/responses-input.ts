// A conversation as the Responses API wants it.

import { type ContentPart, type ProviderMessage, textOfMessage } from '../provider.ts'
import { toPictureUrl } from './chat-messages.ts'
import type { RequestBody } from './client.ts'

/** https://platform.openai.com/docs/api-reference/responses/create; calls and results are items beside the messages. */
export function toResponsesInput(messages: readonly ProviderMessage[]): readonly RequestBody[] {
  return messages.flatMap((message) => {
    const { role, content } = message
    const results = content.flatMap(toResult)
    const calls = content.flatMap(toCall)
    const spoken = toSpoken(message)
    if (spoken === '' && results.length + calls.length > 0) return [...results, ...calls]
    return [...results, { role, content: spoken }, ...calls]
  })
}

function toSpoken(message: ProviderMessage): string | readonly RequestBody[] {
  const hasPicture = message.content.some(({ type }) => type === 'image' || type === 'image-url')
  return hasPicture ? message.content.flatMap(toInput) : textOfMessage(message)
}

function toInput(part: ContentPart): readonly RequestBody[] {
  switch (part.type) {
    case 'text':
      return [{ type: 'input_text', text: part.text }]
    case 'image':
    case 'image-url':
      return [
        {
          type: 'input_image',
          image_url: toPictureUrl(part),
          // Named as required in the API's description; what is not said means the same.
          detail: part.detail ?? 'auto',
        },
      ]
    case 'tool-call':
    case 'tool-result':
      return []
  }
}

/** Without the vendor's own id of the item, so that nobody looks for the thoughts that belonged to it. */
function toCall(part: ContentPart): readonly RequestBody[] {
  if (part.type !== 'tool-call') return []
  const { callId, name, text } = part
  return [{ type: 'function_call', call_id: callId, name, arguments: text.trim() === '' ? '{}' : text }]
}

function toResult(part: ContentPart): readonly RequestBody[] {
  if (part.type !== 'tool-result') return []
  return [{ type: 'function_call_output', call_id: part.callId, output: part.text }]
}
