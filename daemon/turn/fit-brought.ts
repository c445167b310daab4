// Messages that a client brought: sent as they are, or trimmed where the client asked for that.

import { NatterError } from '../../src/protocol/errors.ts'
import type { WireFormat } from '../providers/provider.ts'
import type { Brought } from './running-turn.ts'
import type { FittedMessages, Fitting } from './summarised.ts'
import { isQuestion } from './trim.ts'

export interface BroughtTo {
  readonly model: string
  readonly format: WireFormat
  /** What it takes in all, in tokens; null: unknown, so nothing is refused. */
  readonly windowTokens: number | null
}

/** Whether it is refused rather than sent without its beginning. */
export function isWholeOnly(brought: Brought | null): boolean {
  return brought !== null && brought.truncation !== 'auto'
}

/**
 * All of it; null where it does not fit and may be trimmed. Throws `context-exceeded` where it is more than the model
 * takes and may not: what a client sends, it wants to be read.
 */
export function fitBrought(
  { context, plan, room, count, systemTokens }: Fitting & { readonly plan: { readonly brought: Brought | null } },
  { model, format, windowTokens }: BroughtTo,
): FittedMessages | null {
  const all = context.map(({ message }) => message)
  const leftOut = takesGreeting(format) ? 0 : Math.max(0, all.findIndex(isQuestion))
  const messages = all.slice(leftOut)
  const tokens = messages.reduce((sum, message) => sum + count(message), systemTokens(plan.system))
  if (!isWholeOnly(plan.brought) && tokens > room) return null
  if (isWholeOnly(plan.brought) && windowTokens !== null && tokens > windowTokens) {
    throw tooLong(model, `about ${tokens} tokens were brought`, windowTokens)
  }
  return { ...{ messages, leftOut, tokens }, system: plan.system, summary: null }
}

/** `what` it is that is too long. */
export function tooLong(model: string, what: string, windowTokens: number): NatterError {
  return new NatterError('context-exceeded', `Cannot ask ${model}: ${what}, and it takes ${windowTokens}`, {
    hint: 'Leave out some of it, or choose a model that takes more',
  })
}

/** Note for the user; null where all was sent. */
export function noteOfLeftOut(leftOut: number, model: string): string | null {
  if (leftOut === 0) return null
  const which = leftOut === 1 ? 'the oldest message was' : `the ${leftOut} oldest messages were`
  return `${which} left out of what ${model} was sent`
}

/** Anthropic and Gemini refuse a conversation that begins with the assistant. */
function takesGreeting(format: WireFormat): boolean {
  return format !== 'anthropic' && format !== 'gemini'
}
