// natter history: the conversations that are kept.

import { type Command, Option } from 'commander'
import type { CommandContext } from './context.ts'
import { asGroup } from './group.ts'
import { notEmpty } from './not-empty.ts'
import { toCount } from './numbers.ts'

const REFERENCE = 'id, end of an id, or part of a title'

export function define(command: Command, context: CommandContext): void {
  defineReading(command, context)
  defineChanging(command, context)
  defineKeeping(command, context)
  asGroup(command, 'list')
}

function defineReading(command: Command, context: CommandContext): void {
  command
    .command('list')
    .description('conversations, last used first')
    .argument('[query...]', 'only those whose title has this in it')
    .option('--limit <n>', 'how many at most', toCount, 30)
    .option('--json', 'print them as JSON')
    .action(async (words: string[], options) => (await import('./history/list.ts')).list(context, words, options))
  command
    .command('show')
    .description('print a conversation')
    .argument('<conversation>', REFERENCE, notEmpty('conversation'))
    .option('--all', 'all messages, not only the newest 50')
    .option('--raw', 'do not render Markdown on a terminal')
    .option('--json', 'print it as JSON')
    .action(async (reference: string, options) => (await import('./history/show.ts')).show(context, reference, options))
  command
    .command('search')
    .description('find words in all messages')
    .argument('<words...>', 'words that must all be there; "words in quotes" stand side by side')
    .option('--limit <n>', 'how many messages at most', toCount, 20)
    .option('--json', 'print what was found as JSON')
    .action(async (words: string[], options) => (await import('./history/search.ts')).search(context, words, options))
}

function defineChanging(command: Command, context: CommandContext): void {
  command
    .command('rename')
    .description('give a conversation another title')
    .argument('<conversation>', REFERENCE, notEmpty('conversation'))
    .argument('<title...>', 'the new title')
    .action(async (reference: string, words: string[]) =>
      (await import('./history/rename.ts')).rename(context, reference, words),
    )
  command
    .command('set')
    .description('change what holds for a conversation')
    .argument('<conversation>', REFERENCE, notEmpty('conversation'))
    .addOption(
      new Option('--fallback <policy>', 'whether another model may answer').choices([
        'never',
        'ask',
        'auto',
        'default',
      ]),
    )
    .action(async (reference: string, options) =>
      (await import('./history/set.ts')).setConversation(context, reference, options),
    )
  command
    .command('rm')
    .description('remove conversations for good')
    .argument('<conversation...>', REFERENCE, collectNames)
    .option('-y, --yes', 'do not ask')
    .action(async (references: string[], options) =>
      (await import('./history/remove.ts')).remove(context, references, options),
    )
}

function collectNames(name: string, before: readonly string[] = []): readonly string[] {
  return [...before, notEmpty('conversation')(name)]
}

function defineKeeping(command: Command, context: CommandContext): void {
  command
    .command('export')
    .description('write one conversation, or all, as Markdown or JSON')
    .argument('[conversation]', `${REFERENCE}; without one, all`, notEmpty('conversation'))
    .option('--format <format>', 'markdown or json')
    .option('-o, --output <file>', 'write to a new file')
    .option('--force', 'overwrite the file')
    .option('--all', 'all conversations')
    .action(async (reference: string | undefined, options) =>
      (await import('./history/export.ts')).exportHistory(context, reference ?? null, options),
    )
  command
    .command('backup')
    .description('copy the database to a new file while it is in use')
    .argument('<file>', 'the new file')
    .action(async (file: string) => (await import('./history/backup.ts')).backup(context, file))
  command
    .command('path')
    .description('print where the database is')
    .action(async () => (await import('./history/backup.ts')).showPath(context))
}
