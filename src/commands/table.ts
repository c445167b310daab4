// All commands: their names and summaries for help, their code only when they are called.

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

export const COMMANDS: { readonly [name: string]: CommandEntry } = {
  daemon: { summary: 'start, stop or look at natterd', load: () => import('./daemon.ts') },
}
