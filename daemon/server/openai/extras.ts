// What only OpenAI and its imitators know: passed to those, left out for others, and never without a word.

import type { WireFormat } from '../../providers/provider.ts'
import type { Asked } from './asked.ts'

/** Of the names of Chat Completions, those that Responses has too; an unknown one is refused there. */
const OF_RESPONSES: ReadonlySet<string> = new Set([
  'service_tier',
  'user',
  'safety_identifier',
  'prompt_cache_key',
  'prompt_cache_retention',
  'metadata',
])

/** What all formats but one or two have, by the name that is the same for us and for clients. */
type Rare = 'stop' | 'seed'
const RARE: readonly Rare[] = ['stop', 'seed']

type Wishes = Pick<Asked, 'extras' | 'parameters'>

export interface SortedExtras {
  /** What goes to the vendor under its own name. */
  readonly extra: Asked['extras']
  /** What is left out, by the client's names for it. */
  readonly ignored: readonly string[]
}

/** Whether anything is asked for that not every format knows. */
export function isParticular({ extras, parameters }: Wishes): boolean {
  return Object.keys(extras).length > 0 || RARE.some((name) => parameters[name] !== undefined)
}

export function sortExtras({ extras, parameters }: Wishes, format: WireFormat): SortedExtras {
  const extra: { [name: string]: unknown } = {}
  const ignored: string[] = RARE.filter((name) => parameters[name] !== undefined && !hasRare(name, format))
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

function hasRare(name: Rare, format: WireFormat): boolean {
  switch (format) {
    case 'openai-chat':
    case 'gemini':
      return true
    case 'anthropic':
      return name === 'stop'
    case 'openai-responses':
    case 'demo':
      return false
  }
}
