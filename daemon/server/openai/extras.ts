// What only OpenAI and its imitators know: passed to those, left out for others, and never without a word.

import type { WireFormat } from '../../providers/provider.ts'
import type { JsonObject } from './values.ts'

/** Of the names of Chat Completions, those that Responses has too; an unknown one is refused there. */
const OF_RESPONSES: ReadonlySet<string> = new Set([
  'service_tier',
  'user',
  'safety_identifier',
  'prompt_cache_key',
  'prompt_cache_retention',
  'metadata',
])

export interface SortedExtras {
  readonly extra: JsonObject
  readonly ignored: readonly string[]
}

export function sortExtras(extras: JsonObject, format: WireFormat): SortedExtras {
  const extra: { [name: string]: unknown } = {}
  const ignored: string[] = []
  for (const [name, value] of Object.entries(extras)) {
    if (isKnown(name, format)) extra[name] = value
    else ignored.push(name)
  }
  return { extra, ignored }
}

function isKnown(name: string, format: WireFormat): boolean {
  switch (format) {
    case 'openai-chat':
      return true
    case 'openai-responses':
      return OF_RESPONSES.has(name)
    case 'anthropic':
    case 'gemini':
    case 'demo':
      return false
  }
}
