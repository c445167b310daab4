// A conversation, its tools and the shape of the answer, as the Responses API wants them.

import {
  type ContentPart,
  type ProviderMessage,
  type ResponseFormat,
  type Tool,
  type ToolSettings,
  textOfMessage,
} from '../provider.ts'
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

export function toResponsesTools(settings: ToolSettings | undefined): RequestBody {
  if (settings === undefined || settings.tools.length === 0) return {}
  const { tools, choice, parallel } = settings
  return {
    tools: tools.map(toTool),
    ...(choice === null
      ? {}
      : { tool_choice: typeof choice === 'string' ? choice : { type: 'function', name: choice.name } }),
    ...(parallel === null ? {} : { parallel_tool_calls: parallel }),
  }
}

/**
 * Where nothing is said of `strict`, this API alone would make a schema strict by itself, optional fields mandatory:
 * https://platform.openai.com/docs/guides/function-calling#strict-mode
 */
function toTool({ name, description, parameters, strict }: Tool): RequestBody {
  return {
    type: 'function',
    name,
    ...(description === null ? {} : { description }),
    parameters,
    strict: strict ?? false,
  }
}

export function toResponsesFormat(format: ResponseFormat | undefined): RequestBody {
  if (format === undefined) return {}
  if (format.type === 'json') return { text: { format: { type: 'json_object' } } }
  const { name, schema, strict } = format
  return { text: { format: { type: 'json_schema', name, schema, ...(strict === null ? {} : { strict }) } } }
}
