// What follows the last word of an answer: what it took, a word on how it ended, and the exit code.

import { answerOf, failureOf, type TurnResult } from '../client/follow-turn.ts'
import { ERROR_TRAITS, NatterError } from '../protocol/errors.ts'
import type { AnswerOutput, TurnFacts } from './answer-output.ts'
import type { CommandContext } from './context.ts'
import { describeEnding, endingOf, isRefused } from './ending.ts'
import { EXIT_INTERRUPTED } from './leaving.ts'
import { noteUnsaved } from './unsaved.ts'

export interface Conclusion {
  readonly output: AnswerOutput
  readonly turn: TurnFacts
  readonly result: TurnResult
  readonly usage: boolean
  /** How a command names its turn, empty where that is the last one here; null where it is kept nowhere. */
  readonly reference: string | null
}

/** Throws the error of a turn that failed; its text is out by then. */
export async function conclude(context: CommandContext, conclusion: Conclusion): Promise<void> {
  const { output, turn, result } = conclusion
  try {
    await output.end(turn, result)
  } finally {
    if (conclusion.usage && wasAsked(result)) {
      const { usageLine } = await import('./usage-line.ts')
      context.stderr.write(`${usageLine(result)}\n`)
    }
    noteStandIn(context, turn, result)
    noteEnding(context, result, conclusion.reference)
    noteUnsaved(context, result)
    for (const note of result.notes ?? []) context.note(note)
  }
  const failure = failureOf(result)
  if (failure !== null) throw conclusion.reference === null ? failure : offerMore(failure, result, conclusion.reference)
  if (result.outcome.type === 'cancelled') process.exitCode = EXIT_INTERRUPTED
  if (isRefused(result)) process.exitCode = ERROR_TRAITS['content-filtered'].exitCode
}

/** A model that nobody reached took nothing, which is more than unknown. */
function wasAsked({ outcome, reply, firstPartMs }: TurnResult): boolean {
  return outcome.type !== 'failed' || reply.usage !== null || firstPartMs !== null
}

/** What is said of answers that broke off by themselves advises nothing but to ask again. */
const BROKEN_OFF: ReadonlySet<string> = new Set(['truncated', 'interrupted'])

/** Where an answer broke off in the middle, its beginning is kept, and need not be paid for again. */
function offerMore(failure: NatterError, result: TurnResult, reference: string): NatterError {
  const { code, message, hint } = failure
  if (answerOf(result) === '') return failure
  const [goOn, again] = [commandOf('continue', reference), commandOf('retry', reference)]
  const offer = `Run "${goOn}" to go on from there, or "${again}" to ask again; the text that came is kept`
  const advice = hint === null || BROKEN_OFF.has(code) ? offer : `${hint}. ${offer}`
  return new NatterError(code, message, { hint: advice, cause: failure })
}

function commandOf(verb: 'continue' | 'retry', reference: string): string {
  return reference === '' ? `natter ${verb}` : `natter ${verb} ${reference}`
}

/** Whoever asked one model shall not take the word of another for its. */
function noteStandIn({ note }: CommandContext, turn: TurnFacts, { model, modelReason = null }: TurnResult): void {
  if (model === turn.model) return
  note(`${model} answered in place of ${turn.model}${modelReason === null ? '' : `: ${modelReason}`}`)
}

function noteEnding({ note }: CommandContext, { outcome, reply }: TurnResult, reference: string | null): void {
  const words = outcome.type === 'completed' ? describeEnding(reply) : null
  if (words === null) return
  const how = reference === null ? '' : `; ${commandOf('continue', reference)} continues it`
  const advice = endingOf(reply) === 'cut-off' ? `${how}; -o maxOutputTokens=… allows more` : ''
  note(`the answer ${words}${advice}`)
}
