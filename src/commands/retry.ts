// natter retry: asks the same question again, beside the answer that was.

import type { Command } from 'commander'
import { textOf } from '../protocol/stream.ts'
import { type AgainOptions, addAgainOptions, askAgain, findEnded } from './ask-again.ts'
import type { CommandContext } from './context.ts'

export function define(command: Command, context: CommandContext): void {
  addAgainOptions(command)
    .addHelpText('after', '\nThe answer that was stays in history, beside the new one.')
    .action((reference: string | undefined, options: AgainOptions) => retry(context, reference, options))
}

async function retry(context: CommandContext, reference: string | undefined, options: AgainOptions): Promise<void> {
  const found = await findEnded(context, reference)
  const { userMessageId } = found.turn
  const { message } = await context.client.call('messages.get', { messageId: userMessageId }, context.signal)
  const again = { doing: 'asking again in', prompt: textOf(message.parts), parentId: message.parentId }
  return askAgain(context, found, again, options)
}
