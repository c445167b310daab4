// Chat Completions, and what its many imitators make of it, as stream parts.

import type { FinishReason, StreamPart, Usage } from '../../../src/protocol/stream.ts'
import { StreamFailure } from '../failures.ts'
import { type JsonObject, toCount, toList, toObject, toText } from '../json.ts'
import { parseMessage, type ReaderPhase, type StreamReader } from '../reader.ts'
import { createThinkSplitter } from '../think.ts'
import { toVendorError } from '../vendor-error.ts'
import { createChatCalls } from './chat-calls.ts'

/** OpenAI's stream as its SDK types it (`ChatCompletionChunk`), and the dialects of its imitators. */
export function createChatReader(): StreamReader {
  const splitter = createThinkSplitter()
  const calls = createChatCalls()
  let finished: string | null = null
  let refused = false
  let marked = false
  let usage: Usage | null = null

  return {
    get phase(): ReaderPhase {
      // Some servers send the end mark after a failure that they swallowed: without a finish reason it ends nothing.
      if (finished === null) return 'open'
      return marked ? 'ended' : 'finishing'
    },
    read(message, parts) {
      if (message.data.trim() !== '[DONE]') return readChunk(parseMessage(message), 'delta', parts)
      marked = true
      return false
    },
    readWhole(body, parts) {
      readChunk(body, 'message', parts)
    },
    close(parts, complete) {
      splitter.flush(parts)
      if (complete) calls.close(parts)
      if (usage !== null) parts.push({ type: 'usage', usage })
      if (complete) parts.push({ type: 'finish', reason: toReason(), raw: finished })
    },
  }

  /** OpenAI says "stop" too where a tool had to be called, and some imitators always do. */
  function toReason(): FinishReason {
    if (refused) return 'content-filter'
    const reason = reasonOf(finished)
    return reason === 'stop' && calls.size > 0 ? 'tool-calls' : reason
  }

  function readChunk(chunk: JsonObject, key: 'delta' | 'message', parts: StreamPart[]): boolean {
    const reported = usageOf(chunk)
    if (reported !== null) usage = reported
    const choice = toObject(toList(chunk['choices'])[0])
    if (choice === null) return reported !== null
    if (choice['error'] || choice['finish_reason'] === 'error') throw new StreamFailure(toVendorError(choice))
    const before = parts.length
    const delta = toObject(choice[key])
    if (delta !== null) readDelta(delta, parts)
    const reason = toText(choice['finish_reason'])
    if (reason !== null && reason !== '') finished = reason
    return parts.length > before || reason !== null || delta?.['tool_calls'] !== undefined
  }

  function readDelta(delta: JsonObject, parts: StreamPart[]): void {
    const reasoning = reasoningOf(delta)
    if (reasoning !== '') parts.push({ type: 'reasoning-delta', text: reasoning })
    const { content } = delta
    if (typeof content === 'string') splitter.push(content, parts)
    else for (const part of toList(content)) readPart(part, parts)
    calls.read(delta, parts)
    const refusal = toText(delta['refusal'])
    if (refusal === null || refusal === '') return
    refused = true
    parts.push({ type: 'text-delta', text: refusal })
  }

  /** Mistral: content as a list of `{type: "text"}` and `{type: "thinking", thinking: [{type: "text"}]}`. */
  function readPart(value: unknown, parts: StreamPart[]): void {
    const part = toObject(value)
    if (part === null) return
    if (part['type'] === 'thinking') {
      const text = toList(part['thinking']).map(textOfPart).join('')
      if (text !== '') parts.push({ type: 'reasoning-delta', text })
      return
    }
    splitter.push(textOfPart(part), parts)
  }
}

function textOfPart(value: unknown): string {
  return toText(toObject(value)?.['text']) ?? ''
}

/** OpenRouter sends the same words as `reasoning` and as `reasoning_details`: the first that says something counts. */
function reasoningOf(delta: JsonObject): string {
  const reasoning = toText(delta['reasoning_content']) || toText(delta['reasoning'])
  if (reasoning) return reasoning
  const details = toList(delta['reasoning_details']).map(toObject)
  return details.map((detail) => toText(detail?.['text']) ?? toText(detail?.['summary']) ?? '').join('')
}

/** Groq has it under `x_groq`, all others at the top. */
function usageOf(chunk: JsonObject): Usage | null {
  const usage = toObject(chunk['usage']) ?? toObject(toObject(chunk['x_groq'])?.['usage'])
  if (usage === null) return null
  const input = toObject(usage['prompt_tokens_details'])
  const output = toObject(usage['completion_tokens_details'])
  return {
    inputTokens: toCount(usage['prompt_tokens']),
    outputTokens: toCount(usage['completion_tokens']),
    cachedInputTokens: toCount(input?.['cached_tokens']) || toCount(usage['prompt_cache_hit_tokens']),
    cacheWriteTokens: toCount(input?.['cache_write_tokens']),
    reasoningTokens: toCount(output?.['reasoning_tokens']),
    estimated: false,
  }
}

const REASONS: ReadonlyMap<string, FinishReason> = new Map(
  Object.entries<FinishReason>({
    stop: 'stop',
    eos: 'stop',
    length: 'length',
    model_length: 'length',
    max_tokens: 'length',
    tool_calls: 'tool-calls',
    function_call: 'tool-calls',
    content_filter: 'content-filter',
  }),
)

function reasonOf(raw: string | null): FinishReason {
  return REASONS.get(raw ?? '') ?? 'other'
}
