// natter stop: ends a turn and keeps what it has said.

import type { Command } from 'commander'
import { shortId } from '../protocol/ids.ts'
import type { Turn } from '../protocol/schema/entities.ts'
import { type MessagePart, textOf } from '../protocol/stream.ts'
import type { CommandContext } from './context.ts'
import { notEmpty } from './not-empty.ts'
import { count, writeJson } from './print.ts'
import { describeTurn, findTurn } from './stored-turn.ts'

export function define(command: Command, context: CommandContext): void {
  command
    .argument('<turn>', 'id, end of an id, or a conversation (its last turn)', notEmpty('turn'))
    .option('--json', 'print what was stopped as one JSON object')
    .option('-q, --quiet', 'no notes on stderr')
    .action((reference: string, options: { json?: boolean }) => stop(context, reference, options.json === true))
}

async function stop(context: CommandContext, reference: string, json: boolean): Promise<void> {
  const { client, signal, note } = context
  const turn = await findTurn(context, reference)
  const { cancelled } = await client.call('turns.cancel', { turnId: turn.turnId }, signal)
  const keptCharacters = [...textOf(await keptParts(context, turn))].length
  if (json) {
    const { turnId, conversationId } = turn
    writeJson(context, { turnId, conversationId, cancelled, keptCharacters })
    return
  }
  if (!cancelled) note(`${describeTurn(turn)} had ended already`)
  else if (keptCharacters === 0) note(`stopped ${describeTurn(turn)} before it said anything`)
  else {
    const kept = count(keptCharacters, 'character')
    note(`stopped ${describeTurn(turn)}; ${kept} kept, see "natter history show ${shortId(turn.conversationId)}"`)
  }
}

async function keptParts({ client, signal }: CommandContext, turn: Turn): Promise<readonly MessagePart[]> {
  try {
    return (await client.call('messages.get', { messageId: turn.messageId }, signal)).message.parts
  } catch {
    // A turn that is not logged keeps nothing.
    return []
  }
}
