// The objects of the Responses API: a response and the items of its output. In the shapes of `Response`,
// `ResponseOutputMessage`, `ResponseReasoningItem` and `ResponseFunctionToolCall`.

import type { TurnId } from '../../../src/protocol/ids.ts'
import type { Finish, MessagePart, Usage } from '../../../src/protocol/stream.ts'
import type { OpenAiError } from './errors.ts'
import type { Truncation } from './natter-headers.ts'
import type { ResponsesBody } from './responses-schema.ts'
import { toResponsesUsage } from './usage.ts'

export interface ResponseFacts {
  readonly turnId: TurnId
  /** In seconds since 1970. */
  readonly createdAt: number
  /** What was asked, of which a response repeats a part. */
  readonly body: ResponsesBody
  readonly truncation: Truncation
}

export type Status = 'in_progress' | 'completed' | 'incomplete' | 'failed'

export interface ResponseState {
  readonly status: Status
  readonly model: string
  readonly output: readonly object[]
  readonly finish: Finish | null
  readonly usage: Usage | null
  readonly error: OpenAiError | null
}

export function toResponse({ turnId, createdAt, body, truncation }: ResponseFacts, state: ResponseState): object {
  const isOver = state.status !== 'in_progress'
  return {
    id: `resp_${bodyOf(turnId)}`,
    object: 'response',
    created_at: createdAt,
    ...(state.status === 'completed' ? { completed_at: Math.floor(Date.now() / 1000) } : {}),
    status: state.status,
    background: false,
    error: state.error === null ? null : { code: state.error.code ?? 'server_error', message: state.error.message },
    incomplete_details: state.status === 'incomplete' ? { reason: reasonOf(state.finish) } : null,
    instructions: body.instructions ?? null,
    max_output_tokens: body.max_output_tokens ?? null,
    model: state.model,
    output: state.output,
    parallel_tool_calls: body.parallel_tool_calls ?? true,
    previous_response_id: null,
    reasoning: { effort: body.reasoning?.effort ?? null, summary: null },
    store: false,
    temperature: body.temperature ?? null,
    text: { format: body.text?.format ?? { type: 'text' } },
    tool_choice: body.tool_choice ?? 'auto',
    tools: body.tools ?? [],
    top_p: body.top_p ?? null,
    truncation,
    usage: isOver && state.error === null ? toResponsesUsage(state.usage) : null,
    user: null,
    metadata: body.metadata ?? {},
  }
}

export function statusOfFinish(finish: Finish | null): 'completed' | 'incomplete' {
  return finish?.reason === 'length' || finish?.reason === 'content-filter' ? 'incomplete' : 'completed'
}

function reasonOf(finish: Finish | null): string {
  return finish?.reason === 'content-filter' ? 'content_filter' : 'max_output_tokens'
}

const ITEM_PREFIX = { text: 'msg', reasoning: 'rs', 'tool-call': 'fc' } as const

/** `index`: its place in the output. */
export function itemIdOf(turnId: TurnId, type: MessagePart['type'], index: number): string {
  return `${ITEM_PREFIX[type]}_${bodyOf(turnId)}${index.toString(16).padStart(2, '0')}`
}

/** Each part of a reply is an item of its own. */
export function toItem(id: string, part: MessagePart, status: Exclude<Status, 'failed'>): object {
  switch (part.type) {
    case 'text':
      return { id, type: 'message', status, role: 'assistant', content: [toTextPart(part.text)] }
    case 'reasoning':
      return { id, type: 'reasoning', summary: [toSummaryPart(part.text)] }
    case 'tool-call':
      return {
        ...{ id, type: 'function_call', status, call_id: part.callId, name: part.name },
        // Clients read them as JSON, which an empty text is not.
        arguments: part.text === '' && status !== 'in_progress' ? '{}' : part.text,
      }
  }
}

export function toTextPart(text: string): object {
  return { type: 'output_text', annotations: [], logprobs: [], text }
}

export function toSummaryPart(text: string): object {
  return { type: 'summary_text', text }
}

function bodyOf(turnId: TurnId): string {
  return turnId.slice('trn_'.length)
}
