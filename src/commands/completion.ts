// natter completion: scripts for the shells, and the candidates that they ask for.

import { Argument, type Command } from 'commander'
import type { CommandModule, CommandTable } from './command-module.ts'
import type { CommandContext } from './context.ts'

const SHELLS = ['bash', 'zsh', 'fish'] as const

const HELP = `
Put one of these where your shell starts:
  bash  ~/.bashrc                    eval "$(natter completion bash)"
  zsh   ~/.zshrc, after compinit     eval "$(natter completion zsh)"
  fish  ~/.config/fish/config.fish   natter completion fish | source`

export function createCompletion(commands: CommandTable): CommandModule {
  return { define: (command, context) => define(command, context, commands) }
}

function define(command: Command, context: CommandContext, commands: CommandTable): void {
  command
    .usage('[options] <shell>')
    .addArgument(new Argument('<shell>', 'whose script to print').choices(SHELLS))
    .addHelpText('after', HELP)
    .action(async (shell: (typeof SHELLS)[number]) => {
      const { SCRIPTS } = await import('./completion/scripts.ts')
      context.stdout.write(SCRIPTS[shell])
    })
  command
    .command('words', { hidden: true })
    .argument('[words...]')
    .action(async (words: string[]) => {
      const { complete } = await import('./completion/complete.ts')
      const completing = { context, program: command.parent ?? command, commands }
      const lines = await complete(completing, words)
      // A daemon that is stuck may still hold a question; nobody waits for its answer any more.
      context.stdout.write(lines.map((line) => `${line}\n`).join(''), () => process.exit())
    })
}
