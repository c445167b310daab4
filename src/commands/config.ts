// natter config: the settings in config.json.

import type { Command } from 'commander'
import { NatterError } from '../protocol/errors.ts'
import type { CommandContext } from './context.ts'
import { asGroup } from './group.ts'
import { notEmpty } from './not-empty.ts'
import { writeJson, writeText } from './print.ts'

export function define(command: Command, context: CommandContext): void {
  command
    .command('get')
    .description('print one setting, or all')
    .argument('[name]', 'such as model or daemon.idleExitMinutes', notEmpty('setting'))
    .option('--json', 'print texts in quotes too')
    .action((name: string | undefined, options: { json?: boolean }) => get(context, name, options.json === true))
  command
    .command('set')
    .description('change a setting')
    .argument('<name>', 'such as model or daemon.idleExitMinutes', notEmpty('setting'))
    .argument('<value>', 'JSON, or else a text')
    .action((name: string, value: string) => set(context, name, value))
  command
    .command('unset')
    .description('take a setting away')
    .argument('<name>', 'such as model', notEmpty('setting'))
    .action((name: string) => unset(context, name))
  command
    .command('edit')
    .description('open the file in $VISUAL or $EDITOR, and check it afterwards')
    .action(async () => (await import('./config-edit.ts')).editConfig(context))
  command
    .command('path')
    .description('print where the file is')
    .action(() => {
      context.stdout.write(`${context.paths.config}/config.json\n`)
    })
  asGroup(command, 'get')
}

async function get(context: CommandContext, name: string | undefined, json: boolean): Promise<void> {
  const request = name === undefined ? {} : { name }
  const { value } = await context.client.call('config.get', request, context.signal)
  if (name !== undefined && value === null) {
    throw new NatterError('not-found', `Setting "${name}" is not set`, { hint: 'Run "natter config get" to see all' })
  }
  if (typeof value === 'string' && !json) writeText(context, `${value}\n`)
  else writeJson(context, value)
}

async function set({ client, signal, note }: CommandContext, name: string, text: string): Promise<void> {
  // Settings that are broken already are no fault of these arguments.
  await client.call('config.get', {}, signal)
  const { value } = await client.call('config.set', { name, value: toValue(text) }, signal).catch(asUsage)
  note(value === null ? `"${name}" is not set any more` : `"${name}" is ${JSON.stringify(value)}`)
}

function asUsage(error: unknown): never {
  if (!(error instanceof NatterError) || error.code !== 'invalid-request') throw error
  throw new NatterError('usage', error.message, { hint: error.hint, cause: error })
}

async function unset({ client, signal, note }: CommandContext, name: string): Promise<void> {
  const { value } = await client.call('config.get', { name }, signal)
  await client.call('config.set', { name, value: null }, signal)
  note(value === null ? `"${name}" was not set` : `"${name}" is not set any more`)
}

function toValue(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    // Not JSON: the text itself is meant.
    return text
  }
}
