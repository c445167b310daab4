// natter templates: the prompt templates that --template takes.

import type { Command } from 'commander'
import type { CommandContext } from './context.ts'
import { asGroup } from './group.ts'
import { writeJson, writeText } from './print.ts'
import { listTemplates } from './template.ts'

export function define(command: Command, context: CommandContext): void {
  command
    .command('list')
    .description('names of the templates')
    .option('--json', 'print them as JSON')
    .action((options: { json?: boolean }) => list(context, options.json === true))
  command
    .command('path')
    .description('print the folder they are in')
    .action(() => {
      context.stdout.write(`${folderOf(context)}\n`)
    })
  asGroup(command, 'list')
}

function list(context: CommandContext, json: boolean): void {
  const names = [...listTemplates(context.paths)].sort()
  if (json) writeJson(context, names)
  else if (names.length > 0) writeText(context, `${names.join('\n')}\n`)
  else context.note(`there is no template yet; write one as "${folderOf(context)}/NAME.md"`)
}

function folderOf({ paths }: CommandContext): string {
  return `${paths.config}/templates`
}
