// natter tail: the answer of a turn that was started elsewhere, from its beginning and as it comes.

import { type Command, Option } from 'commander'
import { shortId } from '../protocol/ids.ts'
import { createAnswerOutput, type OutputOptions } from './answer-output.ts'
import { conclude } from './conclude.ts'
import type { CommandContext } from './context.ts'
import { notEmpty } from './not-empty.ts'
import { findTurn, noteStopped, readTurn } from './stored-turn.ts'

interface TailOptions extends OutputOptions {
  readonly usage?: boolean
}

export function define(command: Command, context: CommandContext): void {
  command
    .argument('<turn>', 'id, end of an id, or a conversation (its last turn)', notEmpty('turn'))
    .addOption(
      new Option('--output-format <format>', 'text, or the events').choices(['text', 'stream-json']).default('text'),
    )
    .option('-u, --usage', 'tokens, cost and time to first token on stderr')
    .option('--raw', 'do not render Markdown on a terminal')
    .option('-q, --quiet', 'no notes on stderr')
    .addHelpText('after', '\nExits as the turn does. Ctrl-C leaves; the turn goes on.')
    .action((reference: string, options: TailOptions) => tail(context, reference, options))
}

async function tail(context: CommandContext, reference: string, options: TailOptions): Promise<void> {
  const turn = await findTurn(context, reference)
  const output = await createAnswerOutput(context, options)
  try {
    const result = await readTurn(
      context,
      turn,
      {
        onDelta: output.onDelta,
        onEvent: output.onEvent,
        onWait: output.onWait,
        onState: (state) => context.note(state === 'lost' ? 'lost natterd, connecting again' : 'natterd is back'),
      },
      context.signal,
    )
    await conclude(context, { output, turn, result, usage: options.usage === true, reference: shortId(turn.turnId) })
    noteStopped(context, turn, result)
  } catch (error) {
    output.abort()
    if (context.signal.aborted) context.note(`left; "natter tail ${shortId(turn.turnId)}" takes it up again`)
    throw error
  }
}
