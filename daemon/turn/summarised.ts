// A conversation that does not fit, with a summary in the place of its beginning.

import type { MessageId } from '../../src/protocol/ids.ts'
import type { ProviderMessage } from '../providers/provider.ts'
import type { Summary } from '../store/store.ts'
import type { ContextMessage } from './context.ts'
import { type Trimmed, trim } from './trim.ts'

export interface FittedMessages extends Trimmed {
  /** With the summary of what was left out, where there is one. */
  readonly system: string | null
  /** What of the conversation it stands for; null: there is none. */
  readonly summary: SentSummary | null
}

export interface SentSummary {
  readonly text: string
  /** That made it, `provider/model`. */
  readonly model: string
  /** How many of the oldest messages it stands for. */
  readonly messages: number
}

/** Tokens as one model counts them. */
export interface Fitting {
  readonly context: readonly ContextMessage[]
  readonly plan: { readonly system: string | null }
  readonly room: number
  readonly count: (message: ProviderMessage) => number
  /** With the tools. */
  readonly systemTokens: (system: string | null) => number
}

export interface Dropped {
  /** What is summarised already. */
  readonly before: Summary | null
  /** What came after it, oldest first. */
  readonly messages: readonly ProviderMessage[]
  readonly upTo: MessageId
}

/** Null: it could not be made. */
export type Summarise = (dropped: Dropped) => Promise<Summary | null>

/** What a summary may take, in tokens. */
export const SUMMARY_TOKENS = 600
/** A new summary leaves so much of the room that several turns fit before the next. */
const ROOM_SHARE = 0.7

export async function fitSummarised(
  fitting: Fitting & { readonly kept: Summary | null },
  summarise: Summarise | null,
): Promise<FittedMessages> {
  const { context, kept } = fitting
  // One of another branch says what was not said in this one.
  const covered = kept === null ? 0 : context.findIndex(({ upTo }) => upTo === kept.upTo) + 1
  const before = covered === 0 ? null : kept
  const rest = fitFrom(fitting, covered, before)
  if (rest.leftOut === covered && before !== null) return rest
  const first = whereToCut(fitting)
  const upTo = context[first - 1]?.upTo ?? null
  if (summarise === null || first <= covered || upTo === null) return rest
  const messages = context.slice(covered, first).map(({ message }) => message)
  const made = await summarise({ before, messages, upTo })
  return made === null ? rest : fitFrom(fitting, first, made)
}

/** From the message of that index on, and of those what fits. */
function fitFrom(fitting: Fitting, first: number, summary: Summary | null): FittedMessages {
  const { context, plan, room, count, systemTokens } = fitting
  const system = summary === null ? plan.system : withSummary(plan.system, summary)
  const messages = context.slice(first).map(({ message }) => message)
  const trimmed = trim(messages, { room, system: systemTokens(system), count })
  return {
    ...{ ...trimmed, system, leftOut: first + trimmed.leftOut },
    summary: summary === null ? null : { text: summary.text, model: summary.model, messages: first },
  }
}

function whereToCut({ context, plan, room, count, systemTokens }: Fitting): number {
  const messages = context.map(({ message }) => message)
  const system = systemTokens(plan.system) + SUMMARY_TOKENS
  return trim(messages, { room: Math.floor(room * ROOM_SHARE), system, count }).leftOut
}

function withSummary(system: string | null, { text }: Summary): string {
  const summary = `What was said before in this conversation, in few words, since it is too long to be sent whole:\n\n${text}`
  return system === null ? summary : `${system}\n\n${summary}`
}
