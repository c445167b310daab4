// The events of Anthropic's Messages API as stream parts.

import type { FinishReason, StreamPart, Usage } from '../../../src/protocol/stream.ts'
import { type JsonObject, toCount, toList, toObject, toText } from '../json.ts'
import type { KeptCall } from '../keepsakes.ts'
import { parseMessage, type ReaderPhase, type StreamReader } from '../reader.ts'
import { createBlocks } from './blocks.ts'
import type { KeptTurn } from './content.ts'

/**
 * https://platform.claude.com/docs/en/build-with-claude/streaming; events and deltas it does not name are passed over.
 * `keep` gets what has to come back with the first call of the answer.
 */
export function createAnthropicReader(keep?: (call: KeptCall, turn: KeptTurn) => void): StreamReader {
  const blocks = createBlocks()
  let finished: string | null = null
  let explanation: string | null = null
  let marked = false
  let written = false
  let reasoned = false
  let usage: JsonObject | null = null
  let counted = false

  return {
    get phase(): ReaderPhase {
      if (marked) return 'ended'
      return finished === null ? 'open' : 'finishing'
    },
    read(message, parts) {
      const event = parseMessage(message)
      return readEvent(toText(event['type']) ?? '', event, parts)
    },
    readWhole(body, parts) {
      for (const [index, block] of toList(body['content']).entries()) startBlock(index, toObject(block), parts)
      readDelta(body, body)
    },
    close(parts, complete) {
      const [first] = complete ? blocks.close(parts) : []
      if (first !== undefined) keep?.(first.call, first.turn)
      if (complete && !written && explanation !== null) parts.push({ type: 'text-delta', text: explanation })
      if (usage !== null) parts.push({ type: 'usage', usage: { ...toUsage(usage), estimated: !counted } })
      if (complete) parts.push({ type: 'finish', reason: reasonOf(finished), raw: finished })
    },
  }

  function readEvent(type: string, event: JsonObject, parts: StreamPart[]): boolean {
    switch (type) {
      case 'content_block_delta':
        blocks.add(event['index'], toObject(event['delta']) ?? {}, parts)
        return readBlock(toObject(event['delta']), parts)
      case 'content_block_start':
        return startBlock(event['index'], toObject(event['content_block']), parts)
      case 'message_start':
        addUsage(toObject(toObject(event['message'])?.['usage']))
        return true
      case 'message_delta':
        readDelta(toObject(event['delta']) ?? {}, event)
        return true
      case 'message_stop':
        marked = true
        return true
      default:
        return type === 'content_block_stop'
    }
  }

  /** A second block of thinking is a new paragraph. */
  function startBlock(index: unknown, block: JsonObject | null, parts: StreamPart[]): boolean {
    blocks.start(index, block ?? {}, parts)
    if (block?.['type'] === 'thinking' && reasoned) parts.push({ type: 'reasoning-delta', text: '\n\n' })
    return readBlock(block, parts)
  }

  /** A block and the delta of a block name their text alike; redacted thinking has none that we may read. */
  function readBlock(block: JsonObject | null, parts: StreamPart[]): boolean {
    const text = toText(block?.['text'])
    const thinking = toText(block?.['thinking'])
    if (text !== null && text !== '') {
      written = true
      parts.push({ type: 'text-delta', text })
    }
    if (thinking !== null && thinking !== '') {
      reasoned = true
      parts.push({ type: 'reasoning-delta', text: thinking })
    }
    return true
  }

  /** Only here is the output counted: what `message_start` says of it is what was written until then, a token or so. */
  function readDelta(delta: JsonObject, event: JsonObject): void {
    const reported = toObject(event['usage'])
    addUsage(reported)
    if (typeof reported?.['output_tokens'] === 'number') counted = true
    const reason = toText(delta['stop_reason'])
    if (reason === null) return
    const details = toObject(delta['stop_details'])
    const category = toText(details?.['category'])
    finished = category === null ? reason : `${reason} (${category})`
    explanation = toText(details?.['explanation'])
  }

  /** Later counts include the earlier; a count that a later event leaves out stays as it was. */
  function addUsage(reported: JsonObject | null): void {
    if (reported === null) return
    const known = Object.entries(reported).filter(([, value]) => value !== null)
    usage = { ...usage, ...Object.fromEntries(known) }
  }
}

/** Anthropic counts input from and into its cache apart from the rest. */
function toUsage(usage: JsonObject): Omit<Usage, 'estimated'> {
  const read = toCount(usage['cache_read_input_tokens'])
  const write = toCount(usage['cache_creation_input_tokens'])
  const details = toObject(usage['output_tokens_details'])
  return {
    inputTokens: toCount(usage['input_tokens']) + read + write,
    outputTokens: toCount(usage['output_tokens']),
    cachedInputTokens: read,
    cacheWriteTokens: write,
    reasoningTokens: toCount(details?.['thinking_tokens']) || toCount(details?.['reasoning_tokens']),
  }
}

const REASONS: ReadonlyMap<string, FinishReason> = new Map(
  Object.entries<FinishReason>({
    end_turn: 'stop',
    stop_sequence: 'stop',
    max_tokens: 'length',
    model_context_window_exceeded: 'length',
    tool_use: 'tool-calls',
  }),
)

function reasonOf(raw: string | null): FinishReason {
  if (raw?.startsWith('refusal')) return 'content-filter'
  return REASONS.get(raw ?? '') ?? 'other'
}
