// What `natter retry` and `natter continue` share: a turn that was, taken up as a new one.

import { type Command, Option } from 'commander'
import { currentPlace, providerEnvironment } from '../client/environment.ts'
import { NatterError } from '../protocol/errors.ts'
import { createId } from '../protocol/ids.ts'
import type { Turn } from '../protocol/schema/entities.ts'
import type { RequestOf, ResponseOf } from '../protocol/schema/operations.ts'
import type { CommandContext } from './context.ts'
import { describeContinued } from './continuing.ts'
import { type RunOptions, runTurn } from './run-turn.ts'
import { findTurn } from './stored-turn.ts'

type StartRequest = RequestOf<'turns.start'>

export interface AgainOptions extends RunOptions {
  readonly model?: string
}

export interface FoundTurn {
  readonly turn: Turn
  /** By what its conversation was found. Absent: by its name. */
  readonly match?: ResponseOf<'conversations.latest'>['match']
}

interface Again extends Pick<StartRequest, 'prompt' | 'parentId'> {
  /** What is said of the conversation, before its title. */
  readonly doing: string
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
export async function findEnded(context: CommandContext, reference: string | undefined): Promise<FoundTurn> {
  const found = reference === undefined ? await lastTurnHere(context) : { turn: await findTurn(context, reference) }
  if (found.turn.status === 'ended') return found
  throw new NatterError('conflict', `Cannot ask again: the answer in "${found.turn.title}" is still being written`, {
    hint: 'Run "natter stop" first, or "natter tail" to see it',
  })
}

async function lastTurnHere(context: CommandContext): Promise<FoundTurn> {
  const { client, signal } = context
  const { conversation, match } = await client.call('conversations.latest', { place: currentPlace() }, signal)
  if (conversation !== null) return { turn: await findTurn(context, conversation.conversationId), match }
  throw new NatterError('not-found', 'Cannot ask again: there is no conversation yet', {
    hint: 'Ask something first: natter "your question"',
  })
}

export function askAgain(
  context: CommandContext,
  { turn, match }: FoundTurn,
  { doing, prompt, parentId }: Again,
  options: AgainOptions,
): Promise<void> {
  const request: StartRequest = {
    turnId: createId('trn'),
    conversationId: turn.conversationId,
    prompt,
    ...(parentId === undefined ? {} : { parentId }),
    origin: process.stdin.isTTY === true && process.stdout.isTTY === true ? 'oneshot' : 'script',
    place: currentPlace(),
    environment: providerEnvironment(context.env),
    ...(options.model === undefined ? {} : { model: options.model }),
  }
  context.note(describeContinued(doing, turn, match))
  return runTurn(context, request, options)
}
