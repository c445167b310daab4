// The least that each wire format needs to say something: for servers that tests script by hand.

import type { WireFormat } from '../../daemon/providers/provider.ts'

export type NetworkFormat = Exclude<WireFormat, 'demo'>

export interface Wire {
  /** What comes before the first delta. */
  readonly start: string
  delta(text: string): string
  /** Bytes that prove the server alive and are no progress. */
  readonly ping: string
  /** An error after status 200. */
  readonly error: string
  readonly end: string
}

export const WIRES: { readonly [Format in NetworkFormat]: Wire } = {
  'openai-chat': {
    start: ': OPENROUTER PROCESSING\n\n',
    delta: (content) => data({ choices: [{ index: 0, delta: { content }, finish_reason: null }] }),
    ping: ': keep-alive\n\n',
    error: data({ error: { message: 'Overloaded', type: 'overloaded_error', code: 503 }, choices: [] }),
    end: `${data({ choices: [{ index: 0, delta: {}, finish_reason: 'stop' }] })}data: [DONE]\n\n`,
  },
  'openai-responses': {
    start: event({ type: 'response.created', response: { status: 'in_progress' } }),
    delta: (delta) => event({ type: 'response.output_text.delta', delta }),
    ping: ': keep-alive\n\n',
    error: event({ type: 'error', code: 'server_is_overloaded', message: 'Overloaded', param: null }),
    end: event({ type: 'response.completed', response: { status: 'completed', output: [], usage: null } }),
  },
  anthropic: {
    start: event({ type: 'message_start', message: { usage: { input_tokens: 3, output_tokens: 1 } } }),
    delta: (text) => event({ type: 'content_block_delta', index: 0, delta: { type: 'text_delta', text } }),
    ping: event({ type: 'ping' }),
    error: event({ type: 'error', error: { type: 'overloaded_error', message: 'Overloaded' } }),
    end:
      event({ type: 'message_delta', delta: { stop_reason: 'end_turn' }, usage: { output_tokens: 4 } }) +
      event({ type: 'message_stop' }),
  },
  gemini: {
    start: '',
    delta: (text) => data({ candidates: [{ content: { role: 'model', parts: [{ text }] }, index: 0 }] }),
    ping: ': keep-alive\n\n',
    error: data({ error: { code: 503, message: 'Overloaded', status: 'UNAVAILABLE' } }),
    end: data({ candidates: [{ content: { role: 'model', parts: [{ text: '' }] }, finishReason: 'STOP', index: 0 }] }),
  },
}

/** The format that a request's path belongs to. */
export function formatOf(path: string): NetworkFormat {
  if (path.includes('generateContent') || path.includes('GenerateContent')) return 'gemini'
  if (path.endsWith('/messages')) return 'anthropic'
  return path.endsWith('/responses') ? 'openai-responses' : 'openai-chat'
}

function data(value: unknown): string {
  return `data: ${JSON.stringify(value)}\n\n`
}

function event(value: { readonly type: string; readonly [name: string]: unknown }): string {
  return `event: ${value.type}\ndata: ${JSON.stringify(value)}\n\n`
}
