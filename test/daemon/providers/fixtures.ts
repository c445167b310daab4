// What each recorded stream must become; the streams and their sources are in test/fixtures/providers.

import type { ErrorCode } from '../../../src/protocol/errors.ts'
import type { FinishReason, MessagePart, Usage } from '../../../src/protocol/stream.ts'
import type { NetworkFormat } from '../../helpers/wire.ts'

export interface StreamFixture {
  readonly file: string
  readonly format: NetworkFormat
  readonly parts: readonly MessagePart[]
  /** Input, output, cached, cache write, reasoning. */
  readonly usage: readonly [number, number, number, number, number] | null
  /** Ours and theirs; null where the stream breaks. */
  readonly finish: readonly [FinishReason, string] | null
  readonly error: ErrorCode | null
}

type Given = Partial<Pick<StreamFixture, 'usage' | 'finish' | 'error'>> & {
  readonly text?: string
  readonly reasoning?: string
  /** Id, name and arguments of each; MADE where the id is ours. */
  readonly calls?: readonly (readonly [string, string, string])[]
}

/** Stands for an id that natter made, which is another one each time. */
export const MADE = 'made'
const OSLO = '{"city":"Oslo"}'
const SNOW = '{"city":"Oslo ❄"}'

export function withoutMadeIds(parts: readonly MessagePart[]): readonly MessagePart[] {
  return parts.map((part) =>
    part.type === 'tool-call' && /^call_[0-9a-f]{24}$/.test(part.callId) ? { ...part, callId: MADE } : part,
  )
}

/** What Anthropic tells before its last delta is not the last word. */
export function usageOf({ format, usage, finish }: StreamFixture): Usage | null {
  if (usage === null) return null
  const [inputTokens, outputTokens, cachedInputTokens, cacheWriteTokens, reasoningTokens] = usage
  const estimated = format === 'anthropic' && finish === null
  return { inputTokens, outputTokens, cachedInputTokens, cacheWriteTokens, reasoningTokens, estimated }
}

export const STREAM_FIXTURES: readonly StreamFixture[] = [
  ...fixtures('openai-chat', {
    'chat-openai.sse': { text: 'Server-sent events are “simple” — 事件 ✓.', usage: [14, 9, 4, 2, 3] },
    'chat-refusal.sse': { text: 'I can’t help with that.', finish: ['content-filter', 'stop'] },
    'chat-content-filter.sse': { text: 'It begins', finish: ['content-filter', 'content_filter'] },
    'chat-tool-calls.sse': { calls: [['call_1', 'get_weather', OSLO]], finish: ['tool-calls', 'tool_calls'] },
    'chat-tool-parallel.sse': {
      calls: [
        ['call_a', 'get_weather', SNOW],
        ['call_b', 'get_time', '{"zone":"CET"}'],
      ],
      finish: ['tool-calls', 'tool_calls'],
    },
    'chat-tool-text.sse': {
      text: 'Let me look.',
      calls: [['call_a', 'get_time', '{}']],
      finish: ['tool-calls', 'stop'],
    },
    'chat-tool-ollama.sse': {
      calls: [
        [MADE, 'get_weather', OSLO],
        [MADE, 'get_weather', '{"city":"Rome"}'],
      ],
      finish: ['tool-calls', 'stop'],
    },
    'chat-tool-mistral.sse': {
      calls: [
        ['D681PevKs', 'get_weather', '{"city": "Oslo"}'],
        ['x1y2z3a4b', 'get_time', '{}'],
      ],
      finish: ['tool-calls', 'tool_calls'],
    },
    'chat-tool-gemini.sse': {
      calls: [
        ['function-call-123', 'get_weather', OSLO],
        ['function-call-456', 'get_weather', '{"city":"Rome"}'],
        [MADE, 'get_time', '{}'],
      ],
      finish: ['tool-calls', 'stop'],
    },
    'chat-tool-repeated.sse': {
      calls: [
        ['call_a', 'get_weather', OSLO],
        [MADE, 'get_time', '{"zone":"CET"}'],
      ],
      finish: ['tool-calls', 'tool_calls'],
    },
    'chat-tool-late-name.sse': { calls: [['call_a', 'get_weather', OSLO]], finish: ['tool-calls', 'tool_calls'] },
    'chat-function-call.sse': { calls: [[MADE, 'get_weather', OSLO]], finish: ['tool-calls', 'function_call'] },
    'chat-tool-truncated.sse': { calls: [['call_a', 'get_weather', '{"ci']], error: 'truncated' },
    'chat-tool-whole.json': {
      calls: [
        ['call_a', 'get_weather', OSLO],
        ['call_b', 'get_time', '{}'],
      ],
      usage: [5, 6, 0, 0, 0],
      finish: ['tool-calls', 'tool_calls'],
    },
    'chat-ollama.sse': { reasoning: 'The user greets.', text: 'Hello!', usage: [26, 12, 0, 0, 0] },
    'chat-ollama-swallowed.sse': { text: 'Half an', error: 'truncated' },
    'chat-llamacpp.sse': { reasoning: 'Short thought.', text: 'Hi there', usage: [31, 8, 0, 0, 0] },
    'chat-llamacpp-old-error.sse': { text: 'Some', error: 'provider-failed' },
    'chat-llamacpp-error.sse': { text: 'Some', error: 'provider-failed' },
    'chat-lmstudio.sse': { reasoning: 'Let me see.', text: 'Four.', usage: [9, 6, 0, 0, 4] },
    'chat-vllm.sse': { reasoning: 'Count.', text: 'One, two.', usage: [12, 7, 0, 0, 0] },
    'chat-vllm-error.sse': { text: 'Be', error: 'provider-failed' },
    'chat-openrouter.sse': { reasoning: 'Let me sum up.', text: 'Done.', usage: [20, 11, 8, 0, 5] },
    'chat-openrouter-error.sse': { text: 'partial ', error: 'provider-failed' },
    'chat-openrouter-choice-error.sse': { text: 'partial ', error: 'rate-limited' },
    'chat-deepseek.sse': { reasoning: '思考一下。', text: '好的。', usage: [16, 10, 12, 0, 6] },
    'chat-groq.sse': { reasoning: 'Fast.', text: 'Quick answer', usage: [7, 5, 0, 0, 0] },
    'chat-mistral.sse': { reasoning: 'Réfléchir un peu.', text: 'Voilà !', usage: [10, 12, 0, 0, 0] },
    'chat-mistral-error.sse': { text: 'Bon', error: 'overloaded' },
    'chat-xai.sse': { reasoning: 'Hm', text: 'Yes', usage: [30, 4, 5, 0, 9] },
    'chat-xai-error.sse': { text: 'Ye', error: 'overloaded' },
    'chat-error-event.sse': { text: 'Some', error: 'provider-failed' },
    'chat-no-done.sse': { text: 'No mark' },
    'chat-done-only.sse': { text: 'No reason', error: 'truncated' },
    'chat-crlf.sse': { text: 'Zeile ä\r\nzwei\n', usage: [12, 5, 0, 0, 0], finish: ['length', 'length'] },
    'chat-multiline.sse': { text: 'two lines' },
    'chat-think.sse': { reasoning: 'Is <b> a tag? Yes.', text: 'It is a <think> tag</think>.' },
    'chat-think-empty.sse': { text: 'Answer' },
    'chat-utf8.sse': { text: 'naïve 👩‍👩‍👧‍👦 日本語 ñ 𝒳\u2028 end' },
    'chat-whole.json': { reasoning: 'Why stream?', text: 'All at once.', usage: [5, 6, 0, 0, 0] },
    'chat-error-200.json': { error: 'model-not-found' },
    'chat-choice-error.json': { error: 'provider-failed' },
  }),
  ...fixtures('openai-responses', {
    'responses-text.sse': { text: 'Hello wörld!', usage: [36, 87, 16, 8, 64], finish: ['stop', 'completed'] },
    'responses-reasoning.sse': {
      reasoning: 'First thing.\n\nSecond.',
      text: 'So: yes.',
      usage: [36, 87, 16, 8, 64],
      finish: ['stop', 'completed'],
    },
    'responses-refusal.sse': {
      text: 'I cannot do that.',
      usage: [36, 87, 16, 8, 64],
      finish: ['content-filter', 'completed'],
    },
    'responses-incomplete.sse': { text: 'Cut of', usage: [36, 87, 16, 8, 64], finish: ['length', 'max_output_tokens'] },
    'responses-filtered.sse': { text: 'It', usage: [36, 87, 16, 8, 64], finish: ['content-filter', 'content_filter'] },
    'responses-failed.sse': { text: 'So', error: 'rate-limited' },
    'responses-error.sse': { text: 'So', error: 'provider-failed' },
    'responses-truncated.sse': { text: 'So', error: 'truncated' },
    'responses-unknown.sse': {
      reasoning: 'Thought.',
      text: 'Only at the end.',
      usage: [36, 87, 16, 8, 64],
      finish: ['stop', 'completed'],
    },
    'responses-tool.sse': {
      calls: [
        ['call_1', 'get_weather', SNOW],
        ['call_2', 'get_time', '{}'],
      ],
      usage: [36, 87, 16, 8, 64],
      finish: ['tool-calls', 'completed'],
    },
    'responses-tool-late.sse': {
      text: 'Looking.',
      calls: [['call_1', 'get_weather', SNOW]],
      usage: [36, 87, 16, 8, 64],
      finish: ['tool-calls', 'completed'],
    },
    'responses-whole.json': { text: 'All at once.', usage: [36, 87, 16, 8, 64], finish: ['stop', 'completed'] },
  }),
  ...fixtures('anthropic', {
    'anthropic-text.sse': { text: 'Hello, señor!', usage: [1125, 15, 1000, 100, 0], finish: ['stop', 'end_turn'] },
    'anthropic-thinking.sse': {
      reasoning: 'I should add.\n\nAgain.',
      text: '42',
      usage: [5, 20, 0, 0, 12],
      finish: ['stop', 'end_turn'],
    },
    'anthropic-refusal.sse': {
      text: 'This request was declined by a safety classifier.',
      usage: [5, 2, 0, 0, 0],
      finish: ['content-filter', 'refusal (cyber)'],
    },
    'anthropic-max-tokens.sse': { text: 'Once upon', usage: [5, 4, 0, 0, 0], finish: ['length', 'max_tokens'] },
    'anthropic-window.sse': {
      text: 'Full',
      usage: [5, 2, 0, 0, 0],
      finish: ['length', 'model_context_window_exceeded'],
    },
    'anthropic-tool.sse': {
      text: 'Looking.',
      calls: [['toolu_1', 'get_weather', OSLO]],
      usage: [5, 30, 0, 0, 0],
      finish: ['tool-calls', 'tool_use'],
    },
    'anthropic-tool-parallel.sse': {
      reasoning: 'Two things.',
      text: 'Looking.',
      calls: [
        ['toolu_1', 'get_weather', '{"city": "Oslo ❄"}'],
        ['toolu_2', 'get_time', '{}'],
      ],
      usage: [5, 30, 0, 0, 0],
      finish: ['tool-calls', 'tool_use'],
    },
    'anthropic-tool-whole.json': {
      text: 'Looking.',
      calls: [
        ['toolu_1', 'get_weather', OSLO],
        ['toolu_2', 'get_time', '{}'],
      ],
      usage: [3, 9, 0, 0, 0],
      finish: ['tool-calls', 'tool_use'],
    },
    'anthropic-error.sse': { text: 'partial ', usage: [5, 1, 0, 0, 0], error: 'overloaded' },
    'anthropic-unknown.sse': { text: 'Lead text', usage: [5, 3, 0, 0, 0], finish: ['other', 'pause_turn'] },
    'anthropic-truncated.sse': { text: 'Half', usage: [5, 1, 0, 0, 0], error: 'truncated' },
    'anthropic-whole.json': {
      reasoning: 'Hm.',
      text: 'All at once.',
      usage: [3, 9, 0, 0, 0],
      finish: ['stop', 'end_turn'],
    },
  }),
  ...fixtures('gemini', {
    'gemini-text.sse': { text: 'Grüße aus Zürich 🏔', usage: [8, 6, 0, 0, 0], finish: ['stop', 'STOP'] },
    'gemini-thoughts.sse': {
      reasoning: '**Plan** the answer.',
      text: 'Forty-two.',
      usage: [10, 45, 6, 0, 41],
      finish: ['stop', 'STOP'],
    },
    'gemini-safety.sse': { text: 'Well', usage: [8, 1, 0, 0, 0], finish: ['content-filter', 'SAFETY'] },
    'gemini-blocked.sse': { usage: [8, 0, 0, 0, 0], finish: ['content-filter', 'PROHIBITED_CONTENT'] },
    'gemini-max.sse': { text: 'One two', usage: [8, 2, 0, 0, 0], finish: ['length', 'MAX_TOKENS'] },
    'gemini-malformed.sse': { usage: [8, 0, 0, 0, 0], finish: ['other', 'MALFORMED_FUNCTION_CALL'] },
    'gemini-error.sse': { text: 'Part', usage: [8, 1, 0, 0, 0], error: 'overloaded' },
    'gemini-truncated.sse': { text: 'Part', usage: [8, 1, 0, 0, 0], error: 'truncated' },
    'gemini-tool.sse': {
      text: 'Looking.',
      calls: [
        [MADE, 'get_weather', SNOW],
        [MADE, 'get_weather', '{"city":"Rome"}'],
        [MADE, 'get_time', '{}'],
      ],
      usage: [8, 5, 0, 0, 0],
      finish: ['tool-calls', 'STOP'],
    },
    'gemini-tool-id.sse': {
      calls: [['8f2b1k3a', 'get_time', '{}']],
      usage: [8, 5, 0, 0, 0],
      finish: ['tool-calls', 'STOP'],
    },
    'gemini-list.json': { text: 'All at once.', usage: [8, 3, 0, 0, 0], finish: ['stop', 'STOP'] },
  }),
]

function fixtures(format: NetworkFormat, given: { readonly [file: string]: Given }): readonly StreamFixture[] {
  return Object.entries(given).map(([file, { text, reasoning, calls, usage, finish, error }]) => ({
    file,
    format,
    parts: [
      ...(reasoning === undefined ? [] : [{ type: 'reasoning' as const, text: reasoning }]),
      ...(text === undefined ? [] : [{ type: 'text' as const, text }]),
      ...(calls ?? []).map(([callId, name, given]) => ({ type: 'tool-call' as const, callId, name, text: given })),
    ],
    usage: usage ?? null,
    finish: finish ?? (error === undefined ? ['stop', 'stop'] : null),
    error: error ?? null,
  }))
}
