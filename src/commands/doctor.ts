// natter doctor: looks everything over and says what to do.

import type { Command } from 'commander'
import { hang } from '../render/hang.ts'
import { sanitizeLine } from '../render/sanitize.ts'
import { plainSpan, type Row } from '../render/spans.ts'
import type { Role } from '../render/theme.ts'
import type { CommandContext } from './context.ts'
import type { Check } from './doctor/check.ts'
import { textWidth, writeJson, writeRows } from './print.ts'

const EXIT_FAILED = 1

export function define(command: Command, context: CommandContext): void {
  command
    .option('--json', 'print the checks as JSON')
    .addHelpText(
      'after',
      '\nExits 1 where a check fails. Starts natterd, since only natterd can look into the database.',
    )
    .action((options: { json?: boolean }) => examine(context, options.json === true))
}

async function examine(context: CommandContext, json: boolean): Promise<void> {
  const [{ checkMachine }, { checkFiles }, { checkDaemon }] = await Promise.all([
    import('./doctor/machine.ts'),
    import('./doctor/files.ts'),
    import('./doctor/answers.ts'),
  ])
  const checks: Check[] = []
  // One after the other, and shown at once: the database of years takes its time.
  for (const group of [checkMachine, checkFiles, checkDaemon]) {
    for await (const check of group(context)) {
      checks.push(check)
      if (!json) writeRows(context, format(check, textWidth(context)))
    }
  }
  if (json) writeJson(context, { ok: checks.every((check) => check.status !== 'fail'), checks })
  if (checks.some((check) => check.status === 'fail')) process.exitCode = EXIT_FAILED
}

const ROLES: { readonly [Status in Check['status']]: Role } = { ok: 'success', warn: 'warning', fail: 'error' }

function format({ name, status, detail, hint }: Check, width: number): readonly Row[] {
  const mark: Row = [{ text: status.padEnd(4), roles: [ROLES[status]] }, plainSpan(`  ${name.padEnd(10)}  `)]
  const advice: Row = hint === null ? [] : [{ text: `\n${sanitizeLine(hint)}`, roles: ['dim'] }]
  return hang(mark, [plainSpan(sanitizeLine(detail)), ...advice], width)
}
