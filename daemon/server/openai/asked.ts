// What a client asks for, whichever of the two APIs it speaks.

import type { RequestOf } from '../../../src/protocol/schema/operations.ts'
import type { ResponseFormat, ToolSettings } from '../../providers/provider.ts'
import type { Transcript } from './transcript.ts'
import type { JsonObject } from './values.ts'

export type Parameters = NonNullable<RequestOf<'turns.start'>['parameters']>

export interface Asked extends Transcript {
  /** Null: the default. */
  readonly model: string | null
  readonly tools: ToolSettings | null
  readonly responseFormat: ResponseFormat | null
  /** Those that every provider knows in its own words. */
  readonly parameters: Parameters
  /** Those that only OpenAI and its imitators know, under the names of Chat Completions. */
  readonly extras: JsonObject
  readonly stream: boolean
}

type Effort = NonNullable<Parameters['reasoningEffort']>

/** Our scale has one word for the most. */
export function toEffort(effort: Effort | 'xhigh' | null | undefined): Effort | undefined {
  return effort === 'xhigh' ? 'max' : (effort ?? undefined)
}
