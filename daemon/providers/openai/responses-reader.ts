// The events of the Responses API as stream parts.

import type { FinishReason, StreamPart, Usage } from '../../../src/protocol/stream.ts'
import { StreamFailure } from '../failures.ts'
import { type JsonObject, toCount, toList, toObject, toText } from '../json.ts'
import { parseMessage, type ReaderPhase, type StreamReader } from '../reader.ts'
import { toVendorError } from '../vendor-error.ts'
import { createResponsesCalls } from './responses-calls.ts'

/** The events that the SDK types as `ResponseStreamEvent`; those it does not name are passed over. */
export function createResponsesReader(): StreamReader {
  let finished: string | null = null
  let usage: Usage | null = null
  let written = false
  let refused = false
  let hosted = false
  const calls = createResponsesCalls()
  /** Summaries and full reasoning tell the same twice: the first kind that comes is kept. */
  let reasoningKind: string | null = null

  return {
    get phase(): ReaderPhase {
      return finished === null ? 'open' : 'ended'
    },
    read(message, parts) {
      if (message.data.trim() === '[DONE]') return false
      const event = parseMessage(message)
      return readEvent(toText(event['type']) ?? message.event ?? '', event, parts)
    },
    readWhole(body, parts) {
      end(body, null, parts)
    },
    close(parts, complete) {
      if (complete) calls.close(parts)
      if (usage !== null) parts.push({ type: 'usage', usage })
      if (complete) parts.push({ type: 'finish', reason: reasonOf(finished), raw: finished })
    },
  }

  function readEvent(type: string, event: JsonObject, parts: StreamPart[]): boolean {
    switch (type) {
      case 'response.output_text.delta':
        return addText(event['delta'], parts)
      case 'response.refusal.delta':
        refused = true
        return addText(event['delta'], parts)
      case 'response.reasoning_summary_text.delta':
      case 'response.reasoning_text.delta':
        return addReasoning(type, event['delta'], parts)
      case 'response.reasoning_summary_part.added':
        // Paragraphs of a summary come without a blank line between them.
        return reasoningKind === null ? true : addReasoning('response.reasoning_summary_text.delta', '\n\n', parts)
      case 'response.function_call_arguments.delta':
      case 'response.function_call_arguments.done':
      case 'response.output_item.added':
      case 'response.output_item.done':
        hosted ||= isHosted(toObject(event['item']))
        calls.read(event, parts)
        return true
      case 'response.completed':
      case 'response.incomplete':
      case 'response.failed':
        return end(toObject(event['response']) ?? {}, type.slice('response.'.length), parts)
      case 'error':
        throw new StreamFailure(toVendorError(event))
      default:
        return type.startsWith('response.')
    }
  }

  function addText(delta: unknown, parts: StreamPart[]): boolean {
    const text = toText(delta)
    if (text === null || text === '') return false
    written = true
    parts.push({ type: 'text-delta', text })
    return true
  }

  function addReasoning(kind: string, delta: unknown, parts: StreamPart[]): boolean {
    const text = toText(delta)
    reasoningKind ??= kind
    if (text === null || text === '' || kind !== reasoningKind) return false
    parts.push({ type: 'reasoning-delta', text })
    return true
  }

  /** `named`: how the event calls the end, for servers that leave the status out. */
  function end(response: JsonObject, named: string | null, parts: StreamPart[]): true {
    usage = usageOf(response) ?? usage
    const status = toText(response['status']) ?? named
    if (status === 'failed') throw new StreamFailure(toVendorError(response['error'] ?? response))
    const repeated = written
    for (const item of toList(response['output'])) readItem(toObject(item), repeated, parts)
    finished = toText(toObject(response['incomplete_details'])?.['reason']) ?? status
    return true
  }

  /** An item of a whole response, for servers that leave out the deltas. */
  function readItem(item: JsonObject | null, repeated: boolean, parts: StreamPart[]): void {
    if (item === null) return
    hosted ||= isHosted(item)
    calls.readItem(item, parts)
    if (repeated) return
    if (reasoningKind === null) for (const part of toList(item['summary'])) addSummary(toObject(part)?.['text'], parts)
    if (item['type'] !== 'message') return
    for (const value of toList(item['content'])) {
      const part = toObject(value)
      if (part?.['type'] === 'refusal') refused = true
      addText(part?.['text'] ?? part?.['refusal'], parts)
    }
  }

  function addSummary(text: unknown, parts: StreamPart[]): void {
    if (typeof text === 'string' && text !== '') parts.push({ type: 'reasoning-delta', text })
  }

  function reasonOf(raw: string | null): FinishReason {
    if (refused || raw === 'content_filter') return 'content-filter'
    if (raw === 'max_output_tokens' || raw === 'max_messages') return 'length'
    if (raw !== 'completed') return 'other'
    return calls.size > 0 || (hosted && !written) ? 'tool-calls' : 'stop'
  }
}

/** A call of a tool that the vendor has itself. */
function isHosted(item: JsonObject | null): boolean {
  return toText(item?.['type'])?.endsWith('_call') ?? false
}

function usageOf(response: JsonObject): Usage | null {
  const usage = toObject(response['usage'])
  if (usage === null) return null
  const input = toObject(usage['input_tokens_details'])
  return {
    inputTokens: toCount(usage['input_tokens']),
    outputTokens: toCount(usage['output_tokens']),
    cachedInputTokens: toCount(input?.['cached_tokens']),
    cacheWriteTokens: toCount(input?.['cache_write_tokens']),
    reasoningTokens: toCount(toObject(usage['output_tokens_details'])?.['reasoning_tokens']),
    estimated: false,
  }
}
