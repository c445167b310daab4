// natter status: who may still be asked, who waits, and what is spent.

import type { Command } from 'commander'
import type { ResponseOf } from '../protocol/schema/operations.ts'
import { formatDuration, formatTokens } from '../render/plain.ts'
import type { CommandContext } from './context.ts'
import { moneyOf } from './money.ts'
import { writeFacts, writeJson, writeTable } from './print.ts'

type Status = ResponseOf<'limits.status'>
type Lane = Status['lanes'][number]

export function define(command: Command, context: CommandContext): void {
  command
    .option('--json', 'print one JSON object')
    .action((options: { json?: boolean }) => showStatus(context, options.json === true))
}

async function showStatus(context: CommandContext, json: boolean): Promise<void> {
  const [status, { serve }] = await Promise.all([
    context.client.call('limits.status', {}, context.signal),
    context.client.call('status', {}, context.signal),
  ])
  if (json) return writeJson(context, { ...status, serve })
  if (status.lanes.length === 0) context.note('nobody was asked lately')
  else writeLanes(context, status.lanes)
  writeFacts(context, [
    ...breakerFacts(status),
    ...serveFacts(serve),
    ['this month', moneyOf(status.month)],
    ...status.devices.map(({ name, month }) => [name, moneyOf(month)] as const),
  ])
}

/** Nothing where nobody wants it to listen. */
function serveFacts({
  url,
  problem,
}: ResponseOf<'status'>['serve']): readonly (readonly [name: string, value: string])[] {
  const value = url === null ? problem : `listening on ${url}`
  return value === null ? [] : [['serve', value]]
}

function writeLanes(context: CommandContext, lanes: readonly Lane[]): void {
  writeTable(
    context,
    lanes.map((lane) => [
      `${lane.provider}/${lane.model}`,
      `${lane.running} of ${lane.concurrent}`,
      String(lane.waiting),
      meterOf(lane.requests, String),
      meterOf(lane.tokens, formatTokens),
      lane.blockedMs === 0 ? '' : `asked to wait ${formatDuration(lane.blockedMs)}`,
    ]),
    [
      { title: 'MODEL', narrows: 'fold' },
      { title: 'RUNNING', align: 'right' },
      { title: 'WAITING', align: 'right' },
      { title: 'REQUESTS/MIN', align: 'right' },
      { title: 'TOKENS/MIN', align: 'right' },
      { title: '' },
    ],
  )
}

function meterOf({ used, limit }: Lane['requests'], format: (number: number) => string): string {
  return limit === null ? format(used) : `${format(used)} of ${format(limit)}`
}

function breakerFacts({ breakers }: Status): readonly (readonly [name: string, value: string])[] {
  return breakers
    .filter(({ state }) => state !== 'closed')
    .map(({ provider, retryMs }) => [
      provider,
      retryMs === null || retryMs === 0
        ? 'its last calls all failed; the next one finds out whether it is back'
        : `its last calls all failed; left alone for ${formatDuration(retryMs)}`,
    ])
}
