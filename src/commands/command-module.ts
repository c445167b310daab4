// What a command is to the command line: a name in the help until it is called.

import type { Command } from 'commander'
import type { CommandContext } from './context.ts'

/** What the module of a command offers. */
export interface CommandModule {
  /** Adds arguments, options, subcommands and action to the command that stands for it. */
  define(command: Command, context: CommandContext): void
}

export interface CommandEntry {
  readonly summary: string
  readonly load: () => Promise<CommandModule>
}

export interface CommandTable {
  readonly [name: string]: CommandEntry
}
