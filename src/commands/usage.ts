// natter usage: what calls used and cost.

import { type Command, Option } from 'commander'
import { NatterError } from '../protocol/errors.ts'
import { shortId } from '../protocol/ids.ts'
import type { ResponseOf } from '../protocol/schema/operations.ts'
import { bar } from '../render/bar.ts'
import { formatTokens } from '../render/plain.ts'
import type { CommandContext } from './context.ts'
import { toCsv } from './csv.ts'
import { costOfAll, moneyOf } from './money.ts'
import { toCount } from './numbers.ts'
import { writeJson, writeTable } from './print.ts'

type Summary = ResponseOf<'usage.summary'>
type Row = Summary['rows'][number]
type By = 'day' | 'model' | 'device' | 'conversation'

interface UsageOptions {
  readonly by: By
  readonly since?: number
  readonly limit?: number
  readonly json?: boolean
  readonly csv?: boolean
}

const BAR_WIDTH = 24
const DAY_MS = 86_400_000

export function define(command: Command, context: CommandContext): void {
  command
    .addOption(
      new Option('--by <what>', 'day, model, device or conversation')
        .choices(['day', 'model', 'device', 'conversation'])
        .default('day'),
    )
    .option('--since <when>', 'for example 7d, or 2026-11-01; else 30 days', toSince)
    .option('--limit <rows>', 'at most so many rows', toCount)
    .option('--json', 'print one JSON object')
    .option('--csv', 'print comma-separated values, costs in dollars')
    .addHelpText('after', '\nASKED, which JSON and CSV call calls, counts what was refused or given again, too.')
    .action((options: UsageOptions) => showUsage(context, options))
}

async function showUsage(context: CommandContext, options: UsageOptions): Promise<void> {
  if (options.json === true && options.csv === true) {
    throw new NatterError('usage', 'Cannot print in two formats: --json and --csv clash', { hint: 'Use one of them' })
  }
  const { by, since, limit } = options
  const summary = await context.client.call(
    'usage.summary',
    { by, ...(since === undefined ? {} : { since }), ...(limit === undefined ? {} : { limit }) },
    context.signal,
  )
  if (options.json === true) return writeJson(context, summary)
  if (options.csv === true) return writeCsv(context, by, summary.rows)
  if (summary.rows.length === 0) context.note('nothing was asked in that time')
  else writeRows(context, by, summary.rows)
  context.note(`this month: ${moneyOf(summary.month)}`)
}

function writeRows(context: CommandContext, by: By, rows: readonly Row[]): void {
  const weightOf = weightIn(rows)
  const most = Math.max(...rows.map(weightOf))
  const name = by.toUpperCase()
  writeTable(
    context,
    rows.map((row) => [
      nameOf(by, row),
      String(row.calls),
      formatTokens(row.inputTokens),
      formatTokens(row.outputTokens),
      costOfAll({ costMicros: row.costMicros, unpriced: row.unpricedCalls }),
      bar(most === 0 ? 0 : weightOf(row) / most, BAR_WIDTH),
    ]),
    [
      { title: name, narrows: 'cut' },
      { title: 'ASKED', align: 'right' },
      { title: 'IN', align: 'right' },
      { title: 'OUT', align: 'right' },
      { title: 'COST', align: 'right' },
      { title: '', narrows: 'cut' },
    ],
  )
}

/** Where nothing has a price, as on a server of one's own, tokens tell what is much; bars of both cannot be compared. */
function weightIn(rows: readonly Row[]): (row: Row) => number {
  return rows.every(({ costMicros }) => costMicros === 0)
    ? ({ inputTokens, outputTokens }) => inputTokens + outputTokens
    : ({ costMicros }) => costMicros
}

function nameOf(by: By, { key, title }: Row): string {
  switch (by) {
    case 'day':
    case 'model':
      return key
    case 'device':
      return key === '' ? 'this computer' : (title ?? key)
    case 'conversation':
      return key === '' ? 'deleted or kept nowhere' : `${shortId(key)} ${title ?? ''}`
  }
}

function writeCsv({ stdout }: CommandContext, by: By, rows: readonly Row[]): void {
  const head = [
    by,
    'title',
    'calls',
    'input_tokens',
    'cached_input_tokens',
    'output_tokens',
    'cost_usd',
    'unpriced_calls',
  ]
  const lines = rows.map(
    ({ key, title, calls, inputTokens, cachedInputTokens, outputTokens, costMicros, unpricedCalls }) => [
      ...[key, title ?? '', calls, inputTokens, cachedInputTokens, outputTokens],
      ...[(costMicros / 1e6).toFixed(6), unpricedCalls],
    ],
  )
  stdout.write(toCsv([head, ...lines]))
}

/** `7d`, `12h`, or a day as `YYYY-MM-DD`, which begins where this machine is. */
function toSince(value: string): number {
  const span = /^(\d{1,4})([dh])$/.exec(value)
  if (span !== null) return Date.now() - Number(span[1]) * (span[2] === 'd' ? DAY_MS : DAY_MS / 24)
  const day = /^(\d{4})-(\d{2})-(\d{2})$/.exec(value)
  const date = new Date(Number(day?.[1]), Number(day?.[2]) - 1, Number(day?.[3]))
  // A month of 13 would be one of the next year.
  if (date.getMonth() + 1 === Number(day?.[2]) && date.getDate() === Number(day?.[3])) return date.getTime()
  throw new NatterError('usage', `Cannot count since "${value}": a time is written like 7d, 12h or 2026-11-01`)
}
