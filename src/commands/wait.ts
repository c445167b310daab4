// natter wait: the answer of a turn that was started elsewhere, once it has ended.

import type { Command } from 'commander'
import { answerOf } from '../client/follow-turn.ts'
import { shortId } from '../protocol/ids.ts'
import type { Turn } from '../protocol/schema/entities.ts'
import { createAnswerOutput, type OutputOptions } from './answer-output.ts'
import { toMilliseconds } from './ask-options.ts'
import { conclude } from './conclude.ts'
import type { CommandContext } from './context.ts'
import { notEmpty } from './not-empty.ts'
import { refusePrintClashes } from './option-clashes.ts'
import { findTurn, noteStopped, readTurn, waitedInVain } from './stored-turn.ts'

interface WaitOptions extends Omit<OutputOptions, 'outputFormat'> {
  readonly usage?: boolean
  readonly timeout?: number
}

export function define(command: Command, context: CommandContext): void {
  command
    .argument('<turn>', 'id, end of an id, or a conversation (its last turn)', notEmpty('turn'))
    .option('--json', 'print one JSON object')
    .option('-x, --extract', 'print the last code block only')
    .option('-u, --usage', 'tokens, cost and time to first token on stderr')
    .option('--raw', 'do not render Markdown on a terminal')
    .option('--timeout <time>', 'wait no longer than, for example 30s or 2m; the turn goes on', toMilliseconds)
    .option('-q, --quiet', 'no notes on stderr')
    .addHelpText('after', '\nExits as the turn did. Ctrl-C leaves; the turn goes on.')
    .action((reference: string, options: WaitOptions) => wait(context, reference, options))
}

async function wait(context: CommandContext, reference: string, options: WaitOptions): Promise<void> {
  refusePrintClashes(options)
  const turn = await findTurn(context, reference)
  const result = await waitFor(context, turn, options.timeout)
  const output = await createAnswerOutput(context, options)
  output.onDelta({ type: 'text-delta', text: answerOf(result) })
  await conclude(context, { output, turn, result, usage: options.usage === true, reference: shortId(turn.turnId) })
  noteStopped(context, turn, result)
}

async function waitFor(context: CommandContext, turn: Turn, timeout: number | undefined) {
  const limit = timeout === undefined ? null : AbortSignal.timeout(timeout)
  const signal = limit === null ? context.signal : AbortSignal.any([context.signal, limit])
  try {
    return await readTurn(context, turn, {}, signal)
  } catch (error) {
    if (context.signal.aborted) context.note(`left; "natter wait ${shortId(turn.turnId)}" takes it up again`)
    else if (timeout !== undefined && limit?.aborted === true) throw waitedInVain(turn, timeout)
    throw error
  }
}
