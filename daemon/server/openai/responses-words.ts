// A Responses answer as a client reads it: numbered events of a stream, each item opened, filled and closed.

import type { NatterError } from '../../../src/protocol/errors.ts'
import type { MessagePart } from '../../../src/protocol/stream.ts'
import type { AnswerPart, Ending } from './answer-reader.ts'
import type { StreamWords } from './answer-stream.ts'
import { toOpenAiError } from './errors.ts'
import {
  itemIdOf,
  type ResponseFacts,
  type ResponseState,
  statusOfFinish,
  toItem,
  toResponse,
  toSummaryPart,
  toTextPart,
} from './response-object.ts'

interface OpenItem {
  readonly id: string
  readonly index: number
  /** Without its text. */
  readonly kind: MessagePart
  text: string
  isOpen: boolean
  /** Once it is closed. */
  status: ItemStatus
  /** The event of a piece of it, up to its number. */
  readonly delta: string
}

type ItemStatus = 'completed' | 'incomplete'

export function createResponsesWords(facts: ResponseFacts): StreamWords {
  const items: OpenItem[] = []
  let number = 0
  let model = ''
  return { begin, part, end, fail }

  function begin(answering: string): string {
    model = answering
    const response = toResponse(facts, stateOf('in_progress'))
    return event('response.created', { response }) + event('response.in_progress', { response })
  }

  function part(piece: AnswerPart): string {
    const known = itemOf(piece)
    if (known !== null) return fill(known, piece.text)
    // Calls may be written side by side: they are closed together, when it is known that nothing more comes.
    const before = piece.type === 'tool-call-delta' ? closeTexts() : closeAll('completed')
    const item = open(piece)
    return before + opening(item) + fill(item, piece.text)
  }

  function end({ finish, usage }: Ending): string {
    const status = statusOfFinish(finish)
    const closed = closeAll(status)
    const response = toResponse(facts, { ...stateOf(status), finish, usage })
    return closed + event(status === 'completed' ? 'response.completed' : 'response.incomplete', { response })
  }

  function fail(failure: NatterError): string {
    const response = toResponse(facts, { ...stateOf('failed'), error: toOpenAiError(failure) })
    return event('response.failed', { response })
  }

  function stateOf(status: ResponseState['status']): ResponseState {
    const output = items.map((item) => toItem(item.id, writtenOf(item), item.isOpen ? 'incomplete' : item.status))
    return { status, model, output, finish: null, usage: null, error: null }
  }

  function itemOf(piece: AnswerPart): OpenItem | null {
    if (piece.type === 'tool-call-delta') {
      return items.findLast(({ kind }) => kind.type === 'tool-call' && kind.callId === piece.callId) ?? null
    }
    const last = items.at(-1)
    const type = piece.type === 'text-delta' ? 'text' : 'reasoning'
    return last?.isOpen === true && last.kind.type === type ? last : null
  }

  function open(piece: AnswerPart): OpenItem {
    const kind = toKind(piece)
    const index = items.length
    const id = itemIdOf(facts.turnId, kind.type, index)
    const type = DELTA_EVENTS[kind.type]
    const inside = INSIDE[kind.type]
    const delta = `event: ${type}\ndata: {"type":"${type}","item_id":"${id}","output_index":${index},${inside}"sequence_number":`
    const item: OpenItem = { id, index, kind, text: '', isOpen: true, status: 'completed', delta }
    items.push(item)
    return item
  }

  function opening({ id, index, kind }: OpenItem): string {
    const place = { item_id: id, output_index: index }
    const item = toItem(id, kind, 'in_progress')
    switch (kind.type) {
      case 'text':
        return (
          event('response.output_item.added', { output_index: index, item: { ...item, content: [] } }) +
          event('response.content_part.added', { ...place, content_index: 0, part: toTextPart('') })
        )
      case 'reasoning':
        return (
          event('response.output_item.added', { output_index: index, item: { ...item, summary: [] } }) +
          event('response.reasoning_summary_part.added', { ...place, summary_index: 0, part: toSummaryPart('') })
        )
      case 'tool-call':
        return event('response.output_item.added', { output_index: index, item })
    }
  }

  function fill(item: OpenItem, text: string): string {
    if (text === '') return ''
    item.text += text
    return `${item.delta}${number++},"delta":${JSON.stringify(text)}}\n\n`
  }

  function closeTexts(): string {
    return close(
      items.filter((item) => item.isOpen && item.kind.type !== 'tool-call'),
      'completed',
    )
  }

  function closeAll(status: ItemStatus): string {
    return close(
      items.filter((item) => item.isOpen),
      status,
    )
  }

  function close(open: readonly OpenItem[], status: ItemStatus): string {
    return open.map((item) => closing(item, status)).join('')
  }

  function closing(open: OpenItem, status: ItemStatus): string {
    open.isOpen = false
    open.status = status
    const { id, index, kind, text } = open
    const place = { item_id: id, output_index: index }
    const item = toItem(id, writtenOf(open), status)
    // A function: events are numbered when they are made.
    const done = () => event('response.output_item.done', { output_index: index, item })
    switch (kind.type) {
      case 'text':
        return (
          event('response.output_text.done', { ...place, content_index: 0, logprobs: [], text }) +
          event('response.content_part.done', { ...place, content_index: 0, part: toTextPart(text) }) +
          done()
        )
      case 'reasoning':
        return (
          event('response.reasoning_summary_text.done', { ...place, summary_index: 0, text }) +
          event('response.reasoning_summary_part.done', { ...place, summary_index: 0, part: toSummaryPart(text) }) +
          done()
        )
      case 'tool-call':
        return (
          event('response.function_call_arguments.done', { ...place, name: kind.name, arguments: text || '{}' }) +
          done()
        )
    }
  }

  function event(type: string, facts: object): string {
    return `event: ${type}\ndata: ${JSON.stringify({ type, sequence_number: number++, ...facts })}\n\n`
  }
}

const DELTA_EVENTS: { readonly [Type in MessagePart['type']]: string } = {
  text: 'response.output_text.delta',
  reasoning: 'response.reasoning_summary_text.delta',
  'tool-call': 'response.function_call_arguments.delta',
}

const INSIDE: { readonly [Type in MessagePart['type']]: string } = {
  text: '"content_index":0,"logprobs":[],',
  reasoning: '"summary_index":0,',
  'tool-call': '',
}

function writtenOf({ kind, text }: OpenItem): MessagePart {
  return { ...kind, text }
}

function toKind(piece: AnswerPart): MessagePart {
  switch (piece.type) {
    case 'text-delta':
      return { type: 'text', text: '' }
    case 'reasoning-delta':
      return { type: 'reasoning', text: '' }
    case 'tool-call-delta':
      return { type: 'tool-call', callId: piece.callId, name: piece.name, text: '' }
  }
}
