// natter continue: has an answer that was cut short taken up where it broke off.

import type { Command } from 'commander'
import { NatterError } from '../protocol/errors.ts'
import type { Turn } from '../protocol/schema/entities.ts'
import { type AgainOptions, addAgainOptions, askAgain, findEnded } from './ask-again.ts'
import type { CommandContext } from './context.ts'

const PROMPT = 'Go on exactly where your last answer broke off, without repeating any of it.'

export function define(command: Command, context: CommandContext): void {
  addAgainOptions(command)
    .addHelpText('after', '\nIt is a new turn: what was said before is sent again, and billed as any question is.')
    .action((reference: string | undefined, options: AgainOptions) => goOn(context, reference, options))
}

async function goOn(context: CommandContext, reference: string | undefined, options: AgainOptions): Promise<void> {
  const found = await findEnded(context, reference)
  const { turn } = found
  if (isWhole(turn)) {
    throw new NatterError('conflict', `Cannot continue the answer in "${turn.title}": it is complete`, {
      hint: 'Ask on with "natter -r", or again with "natter retry"',
    })
  }
  return askAgain(context, found, { doing: 'continuing', prompt: PROMPT, parentId: turn.messageId }, options)
}

/** Cut off by its own limit, an answer has completed and is not whole. */
function isWhole({ outcome, finish }: Turn): boolean {
  return outcome?.type === 'completed' && finish?.reason !== 'length'
}
