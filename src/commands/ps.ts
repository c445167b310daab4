// natter ps: what runs now.

import type { Command } from 'commander'
import { readDaemonFile } from '../client/launcher.ts'
import { shortId } from '../protocol/ids.ts'
import type { Turn } from '../protocol/schema/entities.ts'
import { formatDuration, formatTokens } from '../render/plain.ts'
import { describeWait } from '../render/wait.ts'
import type { CommandContext } from './context.ts'
import { silence } from './natterd/silence.ts'
import { writeJson, writeTable } from './print.ts'
import { findRunning, isListening, isUnderstood } from './running-daemon.ts'

const COLUMNS = [
  { title: 'TURN' },
  { title: 'STATUS', narrows: 'fold' },
  { title: 'FOR', align: 'right' },
  { title: 'TOKENS', align: 'right' },
  { title: 'MODEL', narrows: 'fold' },
  { title: 'FROM' },
  { title: 'CHAT' },
  { title: 'TITLE', narrows: 'cut' },
] as const

export function define(command: Command, context: CommandContext): void {
  command
    .option('--json', 'print the turns as JSON')
    .option('-q, --quiet', 'no notes on stderr')
    .action((options: { json?: boolean }) => list(context, options.json === true))
}

/** Without a daemon nothing runs, so none is started. */
async function list(context: CommandContext, json: boolean): Promise<void> {
  const daemon = await findRunning(context.paths)
  if (daemon === null && (await isListening(context.paths))) throw silence(readDaemonFile(context.paths)?.pid ?? null)
  const isAsked = daemon !== null && (await isUnderstood(daemon))
  const turns = isAsked ? (await daemon.call('turns.list', {}, context.signal)).turns : []
  if (json) writeJson(context, turns)
  else if (turns.length === 0) context.note('nothing is running')
  else
    writeTable(
      context,
      turns.map((turn) => toRow(turn, Date.now())),
      COLUMNS,
    )
}

function toRow(turn: Turn, now: number): readonly string[] {
  return [
    shortId(turn.turnId),
    turn.wait === null ? turn.status : describeWait(turn.wait, now),
    formatDuration(Math.max(0, now - turn.startedAt)),
    formatTokens(turn.outputTokens),
    turn.model,
    turn.origin,
    shortId(turn.conversationId),
    turn.title,
  ]
}
