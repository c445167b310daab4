// natter daemon: start, stop, restart, status, logs.

import type { Command } from 'commander'
import type { CommandContext } from './context.ts'
import { asGroup } from './group.ts'
import { toCount } from './numbers.ts'

export function define(command: Command, context: CommandContext): void {
  command
    .command('start')
    .description('start natterd; other commands do so by themselves')
    .action(async () => (await import('./natterd/start-stop.ts')).start(context))
  command
    .command('stop')
    .description('let running answers end, then stop natterd')
    .option('--now', 'interrupt running answers; what they said is kept')
    .action(async (options) => (await import('./natterd/start-stop.ts')).stop(context, options))
  command
    .command('restart')
    .description('stop natterd and start it again')
    .option('--now', 'interrupt running answers; what they said is kept')
    .action(async (options) => (await import('./natterd/start-stop.ts')).restart(context, options))
  command
    .command('status')
    .description('what natterd is and does; exits 7 where none runs')
    .option('--json', 'print it as JSON')
    .action(async (options) => (await import('./natterd/status.ts')).showStatus(context, options))
  command
    .command('logs')
    .description('print the end of the log')
    .option('-f, --follow', 'go on with what comes')
    .option('-n, --lines <n>', 'how many lines', toCount, 50)
    .action(async (options) => (await import('./natterd/logs.ts')).showLogs(context, options))
  asGroup(command, null)
}
