// What Gemini says of tokens, and of why it stopped, wherever it says so.

import type { Usage } from '../../../src/protocol/stream.ts'
import { type JsonObject, toCount } from '../json.ts'

/** Gemini counts thoughts and tool prompts apart; both are billed with the rest. */
export function toUsage(metadata: JsonObject): Usage {
  const thoughts = toCount(metadata['thoughtsTokenCount'])
  return {
    inputTokens: toCount(metadata['promptTokenCount']) + toCount(metadata['toolUsePromptTokenCount']),
    outputTokens: toCount(metadata['candidatesTokenCount']) + thoughts,
    cachedInputTokens: toCount(metadata['cachedContentTokenCount']),
    cacheWriteTokens: 0,
    reasoningTokens: thoughts,
    estimated: false,
  }
}

const SAFETY_REASONS: ReadonlySet<string> = new Set([
  'SAFETY',
  'RECITATION',
  'BLOCKLIST',
  'PROHIBITED_CONTENT',
  'SPII',
  'IMAGE_SAFETY',
  'IMAGE_PROHIBITED_CONTENT',
  'IMAGE_RECITATION',
])

export function isSafetyReason(raw: string | null): boolean {
  return SAFETY_REASONS.has(raw ?? '')
}
