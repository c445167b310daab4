// The messages of Gemini's streamGenerateContent as stream parts.

import type { FinishReason, StreamPart, Usage } from '../../../src/protocol/stream.ts'
import { createCallAssembly } from '../call-assembly.ts'
import { type JsonObject, toList, toObject, toText } from '../json.ts'
import type { KeptCall } from '../keepsakes.ts'
import { parseMessage, type ReaderPhase, type StreamReader } from '../reader.ts'
import type { KeptSignature } from './content.ts'
import { isSafetyReason, toUsage } from './usage.ts'

/**
 * `GenerateContentResponse`, https://ai.google.dev/api/generate-content. There is no end mark but the end itself.
 * `keep` gets what has to come back with each call.
 */
export function createGeminiReader(keep?: (call: KeptCall, signature: KeptSignature) => void): StreamReader {
  const calls = createCallAssembly()
  const signatures: KeptSignature[] = []
  let finished: string | null = null
  let blocked = false
  let usage: Usage | null = null
  let counted = false

  return {
    get phase(): ReaderPhase {
      return finished === null ? 'open' : 'finishing'
    },
    read: (message, parts) => readChunk(parseMessage(message), parts),
    readWhole: (body, parts) => void readChunk(body, parts),
    close(parts, complete) {
      const made = complete ? calls.close(parts) : []
      for (const [index, call] of made.entries()) keep?.(call, signatures[index] ?? null)
      if (usage !== null) parts.push({ type: 'usage', usage: { ...usage, estimated: !complete && !counted } })
      if (complete) parts.push({ type: 'finish', reason: toReason(), raw: finished })
    },
  }

  /** Gemini knows no reason of its own for an answer that ends with calls; some who imitate it made one up. */
  function toReason(): FinishReason {
    if (blocked) return 'content-filter'
    return calls.size > 0 && (finished === 'STOP' || finished === 'FUNCTION_CALL') ? 'tool-calls' : reasonOf(finished)
  }

  function readChunk(chunk: JsonObject, parts: StreamPart[]): boolean {
    const metadata = toObject(chunk['usageMetadata'])
    if (metadata !== null) {
      usage = toUsage(metadata)
      counted = metadata['candidatesTokenCount'] !== undefined
    }
    // A blocked prompt is a success of HTTP without any candidate.
    const reason = toText(toObject(chunk['promptFeedback'])?.['blockReason'])
    if (reason !== null && reason !== 'BLOCK_REASON_UNSPECIFIED') {
      blocked = true
      finished = reason
    }
    const candidate = toObject(toList(chunk['candidates'])[0])
    if (candidate === null) return blocked
    for (const part of toList(toObject(candidate['content'])?.['parts'])) readPart(toObject(part), parts)
    const finish = toText(candidate['finishReason'])
    if (finish !== null && finish !== 'FINISH_REASON_UNSPECIFIED') finished = finish
    return true
  }

  function readPart(part: JsonObject | null, parts: StreamPart[]): void {
    const called = toObject(part?.['functionCall'])
    if (called !== null) readCall(called, toText(part?.['thoughtSignature']), parts)
    const text = toText(part?.['text'])
    if (text === null || text === '') return
    parts.push({ type: part?.['thought'] === true ? 'reasoning-delta' : 'text-delta', text })
  }

  /** Calls come whole; older models give them no id. */
  function readCall(called: JsonObject, signature: KeptSignature, parts: StreamPart[]): void {
    const name = toText(called['name']) ?? ''
    if (name === '') return
    signatures.push(signature)
    calls.open(toText(called['id']) ?? '').add({ name, text: JSON.stringify(called['args'] ?? {}) }, parts)
  }
}

function reasonOf(raw: string | null): FinishReason {
  if (raw === 'STOP') return 'stop'
  if (raw === 'MAX_TOKENS') return 'length'
  return isSafetyReason(raw) ? 'content-filter' : 'other'
}
