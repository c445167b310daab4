// Items of a Responses input as messages that providers of natter take.

import type { ContentPart } from '../../providers/provider.ts'
import { toContent, toPlainText } from './content.ts'
import { misfit, unsupported } from './errors.ts'
import { toPicture } from './picture.ts'
import type { ResponsesBody } from './responses-schema.ts'
import { createTranscript, type Transcript, type TranscriptBuilder } from './transcript.ts'
import { isObject, type JsonObject } from './values.ts'

export function toInputTranscript({ input, instructions }: ResponsesBody): Transcript {
  const transcript = createTranscript()
  if (instructions !== undefined && instructions !== null) transcript.system(instructions)
  if (typeof input === 'string') transcript.say('user', [{ type: 'text', text: input }])
  else for (const [index, item] of input.entries()) add(transcript, item, `input[${index}]`)
  return transcript.end('input')
}

function add(transcript: TranscriptBuilder, item: JsonObject, place: string): void {
  const { type = 'message', call_id: callId } = item
  switch (type) {
    case 'message':
      addMessage(transcript, item, place)
      return
    case 'function_call': {
      const { arguments: text, name } = item
      transcript.call({
        callId: toName(callId, `${place}.call_id`),
        name: toName(name, `${place}.name`),
        text: typeof text === 'string' ? text : '',
      })
      return
    }
    case 'function_call_output':
      transcript.result(
        { callId: toName(callId, `${place}.call_id`), text: toPlainText(item['output'], `${place}.output`, toPart) },
        place,
      )
      return
    case 'reasoning':
      // It can be read by the vendor only that wrote it.
      return
    default:
      throw unsupported(
        `${place}.type`,
        `items of type "${String(type)}" cannot be sent`,
        'Send messages, and calls of functions with their outputs',
      )
  }
}

function addMessage(transcript: TranscriptBuilder, { role, content }: JsonObject, place: string): void {
  const at = `${place}.content`
  switch (role) {
    case 'system':
    case 'developer':
      transcript.system(toPlainText(content, at, toPart))
      return
    case 'user':
      transcript.say('user', toContent(content, at, toPart))
      return
    case 'assistant':
      transcript.say('assistant', toContent(content, at, toPart))
      return
    default:
      throw misfit(`${place}.role`, 'it must be "user", "assistant", "system" or "developer"')
  }
}

function toPart(value: unknown, place: string): ContentPart {
  const part = isObject(value) ? value : {}
  const { type, text, refusal, image_url: url, detail } = part
  switch (type) {
    case 'input_text':
    case 'output_text':
    case 'text':
      if (typeof text === 'string') return { type: 'text', text }
      throw misfit(place, 'it has no text')
    case 'refusal':
      return { type: 'text', text: String(refusal) }
    case 'input_image':
      if (part['file_id'] === undefined || part['file_id'] === null) return toPicture(url, detail, `${place}.image_url`)
      throw unsupported(`${place}.file_id`, 'natter stores no files', 'Send the picture itself, as a data URL')
    case 'input_file':
    case 'input_audio':
      throw unsupported(`${place}.type`, `parts of type "${type}" cannot be sent`, 'Send text and pictures')
    default:
      throw misfit(place, 'it must be a part of type "input_text", "output_text" or "input_image"')
  }
}

function toName(value: unknown, place: string): string {
  if (typeof value === 'string' && value !== '' && value.length <= 1_000) return value
  throw misfit(place, 'it must be a text that is not empty')
}
