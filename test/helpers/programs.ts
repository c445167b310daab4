// Tests that need a program beyond Node: where it is missing they are skipped, and say what would have to be there.

import { spawnSync } from 'node:child_process'
import { it } from 'vitest'

/** Where the program is not installed, the test is skipped with a line that names its package, called as the program is. */
export function itWith(program: string, title: string, run: () => Promise<void>): void {
  const isMissing = spawnSync(program, ['--version'], { stdio: 'ignore' }).status !== 0
  if (isMissing) process.stderr.write(`Skipped "${title}": it needs the package ${program}\n`)
  it.skipIf(isMissing)(title, run)
}
