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
  /** How to go on with its conversation; null where it is kept nowhere. */
  readonly goOn: string | null
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
    noteEnding(context, result, conclusion.goOn)
    noteUnsaved(context, result)
    for (const note of result.notes ?? []) context.note(note)
  }
  const failure = failureOf(result)
  if (failure !== null) throw conclusion.goOn === null ? failure : tellKept(failure, result)
  if (result.outcome.type === 'cancelled') process.exitCode = EXIT_INTERRUPTED
  if (isRefused(result)) process.exitCode = ERROR_TRAITS['content-filtered'].exitCode
}

/** A model that nobody reached took nothing, which is more than unknown. */
function wasAsked({ outcome, reply, firstPartMs }: TurnResult): boolean {
  return outcome.type !== 'failed' || reply.usage !== null || firstPartMs !== null
}

/** Where an answer broke off in the middle, one may fear for its beginning. */
function tellKept(failure: NatterError, result: TurnResult): NatterError {
  const { code, message, hint } = failure
  if (code !== 'truncated' || hint === null || answerOf(result) === '') return failure
  return new NatterError(code, message, { hint: `${hint}; the text that came is kept`, cause: failure })
}

/** Whoever asked one model shall not take the word of another for its. */
function noteStandIn({ note }: CommandContext, turn: TurnFacts, { model, modelReason = null }: TurnResult): void {
  if (model === turn.model) return
  note(`${model} answered in place of ${turn.model}${modelReason === null ? '' : `: ${modelReason}`}`)
}

function noteEnding({ note }: CommandContext, { outcome, reply }: TurnResult, goOn: string | null): void {
  const words = outcome.type === 'completed' ? describeEnding(reply) : null
  if (words === null) return
  const how = goOn === null ? '' : `; ${goOn} continues it`
  const advice = endingOf(reply) === 'cut-off' ? `${how}; -o maxOutputTokens=… allows more` : ''
  note(`the answer ${words}${advice}`)
}
