// What `natter retry` and `natter continue` share: a turn that was, taken up as a new one.

import { type Command, Option } from 'commander'
import { currentPlace, providerEnvironment } from '../client/environment.ts'
import { NatterError } from '../protocol/errors.ts'
import { createId } from '../protocol/ids.ts'
import type { Turn } from '../protocol/schema/entities.ts'
import type { RequestOf } from '../protocol/schema/operations.ts'
import type { CommandContext } from './context.ts'
import { type RunOptions, runTurn } from './run-turn.ts'
import { findTurn, lastHere } from './stored-turn.ts'

type StartRequest = RequestOf<'turns.start'>

export interface AgainOptions extends RunOptions {
  readonly model?: string
}

export function addAgainOptions(command: Command): Command {
  return command
    .argument('[turn]', 'id, end of an id, or a conversation (its last turn); else the last turn here')
    .option('-m, --model <name>', 'ask another model')
    .option('--json', 'print one JSON object')
    .addOption(
      new Option('--output-format <format>', 'text, json or stream-json')
        .choices(['text', 'json', 'stream-json'])
        .default('text'),
    )
    .option('-x, --extract', 'print the last code block only')
    .option('-u, --usage', 'tokens, cost and time to first token on stderr')
    .option('-q, --quiet', 'no notes on stderr')
    .option('--raw', 'do not render Markdown on a terminal')
    .option('--detach', 'print the id of the turn and leave; see "natter wait"')
}

/** The turn that a person means; it has ended. */
export async function findEnded(context: CommandContext, reference: string | undefined): Promise<Turn> {
  const turn = await findTurn(context, reference ?? (await lastHere(context, 'Cannot ask again')))
  if (turn.status === 'ended') return turn
  throw new NatterError('conflict', `Cannot ask again: the answer in "${turn.title}" is still being written`, {
    hint: 'Run "natter stop" first, or "natter tail" to see it',
  })
}

export function askAgain(
  context: CommandContext,
  { conversationId }: Turn,
  again: Pick<StartRequest, 'prompt' | 'parentId'>,
  options: AgainOptions,
): Promise<void> {
  const request: StartRequest = {
    ...again,
    ...{ turnId: createId('trn'), conversationId },
    origin: process.stdin.isTTY === true && process.stdout.isTTY === true ? 'oneshot' : 'script',
    place: currentPlace(),
    environment: providerEnvironment(context.env),
    ...(options.model === undefined ? {} : { model: options.model }),
  }
  return runTurn(context, request, options)
}
