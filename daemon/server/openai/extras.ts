// What only OpenAI and its imitators know: passed to those, left out for others, and never without a word.

import type { WireFormat } from '../../providers/provider.ts'
import type { Asked } from './asked.ts'
import { unsupported } from './errors.ts'

/** What Responses knows of it; an unknown name is refused there. */
export const RESPONSES_EXTRAS = [
  'service_tier',
  'user',
  'safety_identifier',
  'prompt_cache_key',
  'prompt_cache_retention',
  'metadata',
] as const

export const CHAT_EXTRAS = [
  'frequency_penalty',
  'presence_penalty',
  'logit_bias',
  'verbosity',
  ...RESPONSES_EXTRAS,
  'prediction',
  'web_search_options',
] as const

const OF_RESPONSES: ReadonlySet<string> = new Set(RESPONSES_EXTRAS)

/** What all formats but one or two have, by the name that is the same for us and for clients. */
type Rare = 'stop' | 'seed'
const RARE: readonly Rare[] = ['stop', 'seed']

type Wishes = Pick<Asked, 'extras' | 'parameters' | 'responseFormat'>

export interface SortedExtras {
  /** What goes to the vendor under its own name. */
  readonly extra: Asked['extras']
  /** What is left out, by the client's names for it. */
  readonly ignored: readonly string[]
}

/** Whether anything is asked for that not every format knows. */
export function isParticular({ extras, parameters }: Pick<Wishes, 'extras' | 'parameters'>): boolean {
  return Object.keys(extras).length > 0 || RARE.some((name) => parameters[name] !== undefined)
}

/** Throws where what would be left out makes another answer. */
export function sortExtras(wishes: Wishes, format: WireFormat): SortedExtras {
  const { extras, parameters } = wishes
  refuseStop(wishes, format)
  const extra: { [name: string]: unknown } = {}
  const ignored: string[] = RARE.filter((name) => parameters[name] !== undefined && !hasRare(name, format))
  for (const [name, value] of Object.entries(extras)) {
    if (isKnown(name, format)) extra[name] = value
    else if (name === 'verbosity' && hasFreeText(wishes, format)) extra['text'] = { verbosity: value }
    else ignored.push(name)
  }
  return { extra, ignored }
}

/** An answer that goes on past its stop is longer, dearer, and not what its reader can read. */
function refuseStop({ parameters }: Wishes, format: WireFormat): void {
  if (parameters.stop === undefined || format !== 'openai-responses') return
  throw unsupported(
    'stop',
    'the model is asked through the Responses API, which has none',
    'Leave it out, or set "format" of the provider to "openai-chat"',
  )
}

/** What an answer must look like stands under the same name, which can be given once. */
function hasFreeText({ responseFormat }: Wishes, format: WireFormat): boolean {
  return format === 'openai-responses' && responseFormat === null
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
