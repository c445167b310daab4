// The options of a prompt, and what they mean for the request.

import type { Command } from 'commander'
import { NatterError } from '../protocol/errors.ts'
import type { RequestOf } from '../protocol/schema/operations.ts'
import { notEmpty } from './not-empty.ts'

export type OutputFormat = 'text' | 'json' | 'stream-json'

export interface AskOptions {
  readonly prompt?: string
  readonly model?: string
  readonly system?: string
  readonly continue?: boolean
  readonly resume?: string
  readonly option?: readonly string[]
  readonly log: boolean
  readonly json?: boolean
  readonly outputFormat?: OutputFormat
  readonly extract?: boolean
  readonly usage?: boolean
  readonly quiet?: boolean
  readonly raw?: boolean
  readonly dryRun?: boolean
  readonly timeout?: number
  readonly cache?: boolean
  readonly refresh?: boolean
  readonly maxCost?: number
  readonly overBudget?: boolean
  readonly fallback?: 'never' | 'ask' | 'auto'
  readonly editor?: boolean
  readonly template?: string
  readonly detach?: boolean
}

export function addAskOptions(program: Command): Command {
  return program
    .option('-p, --prompt <text>', 'the prompt, where it would be taken for a command')
    .option('-m, --model <name>', 'provider/model, an alias, or a part of a name', notEmpty('model'))
    .option('-s, --system <text>', 'system prompt')
    .option('-c, --continue', 'continue the conversation last used here')
    .option(
      '-r, --resume <id|title>',
      'continue the one that an id or a part of a title names',
      notEmpty('conversation'),
    )
    .option('-o, --option <key=value>', 'temperature, maxOutputTokens … (repeatable)', collect)
    .option('-n, --no-log', 'keep nothing in history')
    .option('--json', 'print one JSON object, same as --output-format json')
    .option('--output-format <format>', 'text (the default), json or stream-json', toFormat)
    .option('-x, --extract', 'print the last code block only')
    .option('-u, --usage', 'tokens, cost and time to first token on stderr')
    .option('-q, --quiet', 'no notes on stderr')
    .option('--raw', 'do not render Markdown on a terminal')
    .option('--dry-run', 'show tokens and cost; call nobody')
    .option('--timeout <time>', 'give up after, for example 30s or 2m', toMilliseconds)
    .option('--max-cost <dollars>', 'ask nobody where it is likely to cost more', toDollars)
    .option('--cache', 'an answer to the same question may be given again')
    .option('--refresh', 'ask anew, and keep the answer for --cache')
    .option('--over-budget', 'go over the monthly budget')
    .option('--fallback <policy>', 'never, ask or auto: whether another model may answer', toFallback)
    .option('-e, --editor', 'write the prompt in $VISUAL or $EDITOR')
    .option('-t, --template <name>', 'wrap the prompt in a template')
    .option('--detach', 'print the id of the turn and leave; see "natter wait"')
}

function collect(value: string, before: readonly string[] = []): readonly string[] {
  return [...before, value]
}

/** What `--json` and `--output-format` ask for together. */
export function formatOf({ json, outputFormat }: Pick<AskOptions, 'json' | 'outputFormat'>): OutputFormat {
  return json === true ? 'json' : (outputFormat ?? 'text')
}

function toFormat(value: string): OutputFormat {
  if (value === 'text' || value === 'json' || value === 'stream-json') return value
  throw new NatterError('usage', `Cannot print as "${value}": the formats are text, json and stream-json`)
}

/** Answers millionths. */
function toDollars(value: string): number {
  const match = /^\$?(\d+(?:\.\d+)?)$/.exec(value.trim())
  const micros = Math.round(Number(match?.[1]) * 1e6)
  if (Number.isSafeInteger(micros)) return micros
  throw new NatterError('usage', `Cannot limit the cost to "${value}": an amount of dollars is written like 0.05`)
}

function toFallback(value: string): 'never' | 'ask' | 'auto' {
  if (value === 'never' || value === 'ask' || value === 'auto') return value
  throw new NatterError('usage', `Cannot fall back "${value}": it is never, ask or auto`)
}

/** `30`, `30s`, `1.5m`, `500ms`; a bare number counts seconds. */
export function toMilliseconds(value: string): number {
  const match = /^(\d+(?:\.\d+)?)(ms|s|m|h)?$/.exec(value.trim())
  const factor = { ms: 1, s: 1_000, m: 60_000, h: 3_600_000 }[match?.[2] ?? 's'] ?? Number.NaN
  const milliseconds = Math.round(Number(match?.[1]) * factor)
  if (milliseconds >= 1 && milliseconds <= 86_400_000) return milliseconds
  throw new NatterError('usage', `Cannot wait for "${value}": a time is written like 30s, 2m or 500ms, 24h at most`)
}

type Parameters = NonNullable<RequestOf<'turns.start'>['parameters']>

/** Vendors' spellings of what we call by one name. */
const SPELLINGS: ReadonlyMap<string, keyof Parameters> = new Map(
  Object.entries<keyof Parameters>({
    temperature: 'temperature',
    topP: 'topP',
    top_p: 'topP',
    maxOutputTokens: 'maxOutputTokens',
    max_output_tokens: 'maxOutputTokens',
    max_tokens: 'maxOutputTokens',
    max_completion_tokens: 'maxOutputTokens',
    stop: 'stop',
    seed: 'seed',
    reasoningEffort: 'reasoningEffort',
    reasoning_effort: 'reasoningEffort',
    effort: 'reasoningEffort',
  }),
)

/** `key=value` pairs; what we have no name for goes to the provider as it is. Values are JSON where they can be. */
export function toParameters(pairs: readonly string[]): Parameters {
  const parameters: Record<string, unknown> = {}
  const extra = new Map<string, unknown>()
  for (const pair of pairs) {
    const [, key = '', text = ''] = /^([^=]+)=([\s\S]*)$/.exec(pair) ?? []
    if (key === '') {
      throw new NatterError('usage', `Cannot read option "${pair}": it must be key=value`, {
        hint: 'For example: -o temperature=0.2',
      })
    }
    const name = SPELLINGS.get(key)
    if (name === undefined) extra.set(key, toValue(text))
    else if (name === 'stop') parameters[name] = [...((parameters[name] as string[] | undefined) ?? []), text]
    else parameters[name] = name === 'reasoningEffort' ? text : toValue(text)
  }
  // The daemon checks ranges and types; it knows what is allowed.
  return (extra.size === 0 ? parameters : { ...parameters, extra: Object.fromEntries(extra) }) as Parameters
}

function toValue(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return text
  }
}
