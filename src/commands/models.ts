// natter models: what can be asked, and what it costs.

import type { Command } from 'commander'
import { providerEnvironment } from '../client/environment.ts'
import type { Model } from '../protocol/schema/entities.ts'
import { formatTokens } from '../render/plain.ts'
import type { CommandContext } from './context.ts'
import { LOCAL_SERVERS } from './known-providers.ts'
import { count, writeJson, writeTable } from './print.ts'

const COLUMNS = [
  { title: '' },
  { title: 'MODEL', narrows: 'fold' },
  { title: 'CONTEXT', align: 'right' },
  { title: 'IN $/M', align: 'right' },
  { title: 'OUT $/M', align: 'right' },
  { title: 'NOTE', narrows: 'cut' },
] as const

interface ListOptions {
  readonly all?: boolean
  readonly json?: boolean
}

export function define(command: Command, context: CommandContext): void {
  command
    .argument('[query...]', 'words that the name must have in it')
    .option('--all', 'also those that no key is there for')
    .option('--json', 'print them as JSON')
    .option('-q, --quiet', 'no notes on stderr')
    .action((words: string[], options: ListOptions) => list(context, words, options))
  command
    .command('refresh')
    .description('fetch the newest models and prices from models.dev')
    .action(() => refresh(context))
}

async function list(context: CommandContext, words: readonly string[], options: ListOptions): Promise<void> {
  const { client, env, signal, note } = context
  const query = words.join(' ')
  const environment = providerEnvironment(env)
  const request = { query, environment, all: options.all === true }
  const { models, pricesDate, notices } = await client.call('models.list', request, signal)
  for (const notice of notices) note(notice)
  if (options.json === true) {
    writeJson(context, { models, pricesDate })
    return
  }
  if (models.length === 0) {
    note(query === '' ? 'no model is known' : `no model has "${query}" in its name`)
    return
  }
  writeTable(context, models.map(toRow), COLUMNS)
  note(`prices of ${pricesDate} in US dollars per million tokens; * is what is asked when no model is named`)
}

function toRow(model: Model): readonly string[] {
  return [
    model.isDefault ? '*' : '',
    model.model,
    model.contextTokens === null ? '' : formatTokens(model.contextTokens),
    formatPrice(model.inputPrice),
    formatPrice(model.outputPrice),
    missing(model),
  ]
}

function missing({ available, provider }: Model): string {
  if (available) return ''
  return LOCAL_SERVERS.includes(provider) ? 'no such server found' : `no key: natter keys set ${provider}`
}

function formatPrice(dollars: number | null): string {
  if (dollars === null) return '?'
  return dollars === 0 ? 'free' : String(Number(dollars.toPrecision(4)))
}

async function refresh({ client, signal, note }: CommandContext): Promise<void> {
  const { models, pricesDate } = await client.call('models.refresh', {}, signal)
  note(`${count(models, 'model')}, prices of ${pricesDate}`)
}
