// A command that has commands of its own.

import type { Command } from 'commander'
import { NatterError } from '../protocol/errors.ts'

/** Call it when the commands are defined. Without a word, `standard` runs; null: one of them must be named. */
export function asGroup(group: Command, standard: string | null): void {
  group
    .usage(standard === null ? '<command>' : '[command]')
    .allowExcessArguments(true)
    .allowUnknownOption(true)
    .action(async () => {
      const [word, name] = group.args
      if (word === 'help') {
        const about = group.commands.find((one) => one.name() === name) ?? group
        about.outputHelp()
        return
      }
      const command = group.commands.find((one) => one.name() === standard)
      const isPlain = word === undefined || word.startsWith('-')
      if (command === undefined || !isPlain) throw unknown(group, word)
      await command.parseAsync(group.args, { from: 'user' })
    })
}

function unknown(group: Command, word: string | undefined): NatterError {
  const name = `natter ${group.name()}`
  const names = group
    .createHelp()
    .visibleCommands(group)
    .map((command) => command.name())
  const message =
    word === undefined ? `Cannot run "${name}": it needs a command` : `There is no command "${name} ${word}"`
  return new NatterError('usage', message, {
    hint: `The commands are: ${names.filter((one) => one !== 'help').join(', ')}`,
  })
}
