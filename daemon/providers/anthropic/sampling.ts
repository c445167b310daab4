// How far Claude may stray from the likeliest word.

import { isObject, type JsonObject } from '../json.ts'
import type { ProviderRequest } from '../provider.ts'
import type { AnthropicDialect } from './dialect.ts'

/** From this version of the API on, sampling settings are refused, even at their defaults. */
export const STRICT_VERSION = '2026-10-21'
const TEMPERATURE_MAX = 1
/** With thinking on, only values from here to 1 are taken. */
const THINKING_TOP_P_MIN = 0.95

/**
 * Newer models answer "`temperature` and `top_p` cannot both be specified for this model"; temperature reaches to 1 where
 * others go to 2 (platform.claude.com/docs/en/api/messages); and thinking allows neither a temperature nor a low `top_p`
 * (platform.claude.com/docs/en/build-with-claude/extended-thinking). `thinking`: as it goes out.
 */
export function toSampling(
  { temperature, topP }: ProviderRequest['parameters'],
  { version, sampling }: AnthropicDialect,
  thinking: unknown,
): JsonObject {
  if (!sampling || version >= STRICT_VERSION) return {}
  if (isObject(thinking) && thinking['type'] !== 'disabled') {
    return topP === undefined || topP < THINKING_TOP_P_MIN ? {} : { top_p: topP }
  }
  if (temperature !== undefined) return { temperature: Math.min(TEMPERATURE_MAX, temperature) }
  return topP === undefined ? {} : { top_p: topP }
}
