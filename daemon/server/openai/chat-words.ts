// Chat Completions as a client reads them: chunks of a stream, or one object. In the shape of `ChatCompletionChunk` and
// `ChatCompletion`; reasoning stands in `reasoning_content`, where DeepSeek and others have it.

import type { NatterError } from '../../../src/protocol/errors.ts'
import type { TurnId } from '../../../src/protocol/ids.ts'
import type { Finish, ReplyState } from '../../../src/protocol/stream.ts'
import type { AnswerPart } from './answer-reader.ts'
import type { StreamWords } from './answer-stream.ts'
import { toOpenAiError } from './errors.ts'
import { toChatUsage } from './usage.ts'
import type { WholeAnswer } from './whole-answer.ts'

export interface ChatFacts {
  readonly turnId: TurnId
  /** In seconds since 1970. */
  readonly createdAt: number
}

type Delta = Extract<AnswerPart, { type: 'tool-call-delta' }>
type FinishReason = 'stop' | 'length' | 'tool_calls' | 'content_filter'

export function createChatWords({ turnId, createdAt }: ChatFacts, includeUsage: boolean): StreamWords {
  /** By its id: which call it is, and whether it has arguments. */
  const calls = new Map<string, { readonly index: number; isEmpty: boolean }>()
  const tail = includeUsage ? '"usage":null}\n\n' : ''
  const middle = `},"logprobs":null,"finish_reason":null}]${includeUsage ? `,${tail}` : '}\n\n'}`
  let base = ''
  let head = ''

  return {
    begin(model) {
      base = `data: {"id":"${toChatId(turnId)}","object":"chat.completion.chunk","created":${createdAt},"model":${JSON.stringify(model)},`
      head = `${base}"choices":[{"index":0,"delta":{`
      return `${head}"role":"assistant","content":"","refusal":null${middle}`
    },
    part(part) {
      switch (part.type) {
        case 'text-delta':
          return `${head}"content":${JSON.stringify(part.text)}${middle}`
        case 'reasoning-delta':
          return `${head}"reasoning_content":${JSON.stringify(part.text)}${middle}`
        case 'tool-call-delta':
          return `${head}"tool_calls":[${toCall(part)}]${middle}`
      }
    },
    end({ finish, usage }) {
      let text = ''
      for (const { index, isEmpty } of calls.values()) {
        // Clients read arguments as JSON, which an empty text is not.
        if (isEmpty) text += `${head}"tool_calls":[{"index":${index},"function":{"arguments":"{}"}}]${middle}`
      }
      const reason = toFinishReason(finish, calls.size > 0)
      text += `${head}},"logprobs":null,"finish_reason":"${reason}"}]${includeUsage ? `,${tail}` : '}\n\n'}`
      if (includeUsage) text += `${base}"choices":[],"usage":${JSON.stringify(toChatUsage(usage))}}\n\n`
      return `${text}data: [DONE]\n\n`
    },
    fail: (failure: NatterError) => `data: ${JSON.stringify({ error: toOpenAiError(failure) })}\n\n`,
  }

  function toCall({ callId, name, text }: Delta): string {
    const known = calls.get(callId)
    if (known !== undefined) {
      known.isEmpty &&= text === ''
      return JSON.stringify({ index: known.index, function: { arguments: text } })
    }
    const index = calls.size
    calls.set(callId, { index, isEmpty: text === '' })
    return JSON.stringify({ index, id: callId, type: 'function', function: { name, arguments: text } })
  }
}

export function toChatCompletion({ turnId, createdAt }: ChatFacts, answer: WholeAnswer): object {
  const calls = answer.parts.flatMap((part) =>
    part.type === 'tool-call'
      ? [{ id: part.callId, type: 'function', function: { name: part.name, arguments: part.text || '{}' } }]
      : [],
  )
  const text = textOfType(answer.parts, 'text')
  const reasoning = textOfType(answer.parts, 'reasoning')
  const message = {
    role: 'assistant',
    content: text === '' && calls.length > 0 ? null : text,
    refusal: null,
    annotations: [],
    ...(reasoning === '' ? {} : { reasoning_content: reasoning }),
    ...(calls.length === 0 ? {} : { tool_calls: calls }),
  }
  return {
    id: toChatId(turnId),
    object: 'chat.completion',
    created: createdAt,
    model: answer.model,
    choices: [{ index: 0, message, logprobs: null, finish_reason: toFinishReason(answer.finish, calls.length > 0) }],
    usage: toChatUsage(answer.usage),
  }
}

function toChatId(turnId: TurnId): string {
  return `chatcmpl-${turnId.slice('trn_'.length)}`
}

function textOfType(parts: ReplyState['parts'], type: 'text' | 'reasoning'): string {
  return parts.map((part) => (part.type === type ? part.text : '')).join('')
}

/** Vendors do not always say that they stopped for a call. */
function toFinishReason(finish: Finish | null, hasCalls: boolean): FinishReason {
  switch (finish?.reason) {
    case 'length':
      return 'length'
    case 'content-filter':
      return 'content_filter'
    case 'tool-calls':
    case 'stop':
    case 'other':
    case undefined:
      return hasCalls ? 'tool_calls' : 'stop'
  }
}
