// natter keys: API keys, which are never shown and never taken as an argument.

import type { Command } from 'commander'
import { providerEnvironment } from '../client/environment.ts'
import { NatterError } from '../protocol/errors.ts'
import type { CommandContext } from './context.ts'
import { asGroup } from './group.ts'
import { notEmpty } from './not-empty.ts'
import { writeJson, writeTable } from './print.ts'

const COLUMNS = [{ title: 'PROVIDER' }, { title: 'FROM' }, { title: 'KEY' }] as const

export function define(command: Command, context: CommandContext): void {
  command
    .command('set')
    .description('store the key of a provider; asks for it, or reads it from standard input')
    .argument('<provider>', 'openai, anthropic, gemini, openrouter, groq …', notEmpty('provider'))
    // What follows may be a key; it must be refused without being repeated.
    .allowExcessArguments(true)
    .allowUnknownOption(true)
    .action(async (provider: string, _options: object, own: Command) =>
      (await import('./keys-set.ts')).setKey(context, provider, own.args.length - 1),
    )
  command
    .command('list')
    .description('which providers have a key, and where it comes from')
    .option('--json', 'print them as JSON')
    .action((options: { json?: boolean }) => list(context, options.json === true))
  command
    .command('rm')
    .description('forget the key of a provider')
    .argument('<provider>', 'whose key', notEmpty('provider'))
    .action((provider: string) => remove(context, provider))
  command
    .command('path')
    .description('print the file that keys are stored in where there is no keychain')
    .action(() => showPath(context))
  asGroup(command, 'list')
}

async function list(context: CommandContext, json: boolean): Promise<void> {
  const { client, env, signal, note } = context
  const { storage, path, keys } = await client.call('keys.list', { environment: providerEnvironment(env) }, signal)
  if (json) {
    writeJson(context, { storage, path, keys })
    return
  }
  if (keys.length === 0) {
    note('there is no key yet; "natter keys set openai" stores one')
    return
  }
  writeTable(
    context,
    keys.map(({ provider, source, detail }) => [provider, source, detail]),
    COLUMNS,
  )
}

async function remove({ client, env, signal, note }: CommandContext, provider: string): Promise<void> {
  const { removed } = await client.call('keys.remove', { provider }, signal)
  const { keys } = await client.call('keys.list', { environment: providerEnvironment(env) }, signal)
  const left = keys.find((key) => key.provider === provider)
  const elsewhere = left === undefined ? '' : `; one still comes from the ${left.source}: ${left.detail}`
  if (removed) {
    note(`the key of "${provider}" is forgotten${elsewhere}`)
    return
  }
  throw new NatterError('not-found', `Cannot forget the key of "${provider}": none is stored${elsewhere}`, {
    hint: 'Run "natter keys list"',
  })
}

async function showPath({ client, signal, stdout, note }: CommandContext): Promise<void> {
  const { path, storage } = await client.call('keys.list', {}, signal)
  if (storage === 'keychain') note('keys are in the keychain of this system; this file is for systems without one')
  if (path !== null) stdout.write(`${path}\n`)
}
