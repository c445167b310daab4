// natter daemon: start, stop, restart, status, logs.

import type { Command } from 'commander'
import type { CommandContext } from './context.ts'

export function define(command: Command, { client, stdout }: CommandContext): void {
  command
    .command('status')
    .description('what natterd is and does')
    .action(async () => {
      stdout.write(`${JSON.stringify(await client.call('status', {}), null, 2)}\n`)
    })
}
