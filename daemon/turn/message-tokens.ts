// What the messages of a request count for, before the provider says it.

import type { ContentPart, ProviderMessage, ToolSettings } from '../providers/provider.ts'
import type { Picture } from './picture-tokens.ts'

/** Of a text, in tokens. */
export type CountText = (text: string) => number

/** As one model counts. */
export interface Counters {
  readonly text: CountText
  readonly picture: (picture: Picture) => number
}

/** What a vendor adds to each message for its role and its borders, and to each call for its name and its id. */
const TOKENS_PER_MESSAGE = 4
const TOKENS_PER_CALL = 12

export function messageTokens({ content }: ProviderMessage, counters: Counters): number {
  return content.reduce((sum, part) => sum + partTokens(part, counters), TOKENS_PER_MESSAGE)
}

/** What the model is told of tools, it is told with every request. */
export function toolTokens(settings: ToolSettings | null, count: CountText): number {
  return settings === null ? 0 : count(JSON.stringify(settings.tools))
}

function partTokens(part: ContentPart, { text, picture }: Counters): number {
  switch (part.type) {
    case 'text':
      return text(part.text)
    case 'tool-call':
    case 'tool-result':
      return TOKENS_PER_CALL + text(part.text)
    case 'image':
    case 'image-url':
      return picture(part)
  }
}
