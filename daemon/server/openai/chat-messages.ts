// Messages of Chat Completions as providers of natter take them.

import type { ContentPart } from '../../providers/provider.ts'
import type { ChatMessage } from './chat-schema.ts'
import { toContent, toPlainText } from './content.ts'
import { misfit, unsupported } from './errors.ts'
import { toPicture } from './picture.ts'
import { createTranscript, type Transcript, type TranscriptBuilder } from './transcript.ts'
import { isObject } from './values.ts'

export function toTranscript(messages: readonly ChatMessage[]): Transcript {
  const transcript = createTranscript()
  for (const [index, message] of messages.entries()) add(transcript, message, `messages[${index}]`)
  return transcript.end('messages')
}

function add(transcript: TranscriptBuilder, message: ChatMessage, place: string): void {
  const content = `${place}.content`
  switch (message.role) {
    case 'system':
    case 'developer':
      transcript.system(toPlainText(message['content'], content, toPart))
      return
    case 'user':
      transcript.say('user', toContent(message['content'], content, toPart))
      return
    case 'assistant':
      addAssistant(transcript, message, place)
      return
    case 'tool':
      transcript.result(
        {
          callId: toName(message['tool_call_id'], `${place}.tool_call_id`),
          text: toPlainText(message['content'], content, toPart),
        },
        place,
      )
      return
    case 'function': {
      const name = toName(message['name'], `${place}.name`)
      const text = toPlainText(message['content'] ?? '', content, toPart)
      transcript.result({ callId: transcript.openCall(name) ?? name, text }, place)
      return
    }
  }
}

function addAssistant(transcript: TranscriptBuilder, message: ChatMessage, place: string): void {
  const { content, tool_calls: calls, function_call: call } = message
  const text = content === undefined || content === null ? '' : toPlainText(content, `${place}.content`, toPart)
  if (text !== '') transcript.say('assistant', [{ type: 'text', text }])
  for (const [index, toolCall] of (Array.isArray(calls) ? calls : []).entries()) {
    const at = `${place}.tool_calls[${index}]`
    if (!isObject(toolCall) || !isObject(toolCall['function'])) {
      throw misfit(at, 'it must be the call of a function, as the model made it')
    }
    transcript.call({ callId: toName(toolCall['id'], `${at}.id`), ...toCall(toolCall['function'], at) })
  }
  // The older way, which knows one call at a time and no ids.
  if (isObject(call)) {
    const at = `${place}.function_call`
    transcript.call({ callId: `${at}.${String(call['name'])}`, ...toCall(call, at) })
  }
}

function toCall(call: { readonly [name: string]: unknown }, place: string): { name: string; text: string } {
  const { arguments: text } = call
  return { name: toName(call['name'], `${place}.name`), text: typeof text === 'string' ? text : '' }
}

function toPart(value: unknown, place: string): ContentPart {
  const part = isObject(value) ? value : {}
  const { type, text, refusal, image_url: image } = part
  if (type === 'text' && typeof text === 'string') return { type: 'text', text }
  if (type === 'refusal' && typeof refusal === 'string') return { type: 'text', text: refusal }
  if (type === 'image_url') {
    const { url, detail } = isObject(image) ? image : { url: image, detail: undefined }
    return toPicture(url, detail, `${place}.image_url`)
  }
  if (type === 'input_audio' || type === 'file') {
    throw unsupported(`${place}.type`, `parts of type "${type}" cannot be sent`, 'Send text and pictures')
  }
  throw misfit(place, 'it must be a part of type "text" or "image_url"')
}

function toName(value: unknown, place: string): string {
  if (typeof value === 'string' && value !== '' && value.length <= 1_000) return value
  throw misfit(place, 'it must be a text that is not empty')
}
