// What a person sees on a terminal.

import { createRequire } from 'node:module'

const { Terminal } = createRequire(import.meta.url)('@xterm/headless') as typeof import('@xterm/headless')

/** The lines after all of this was written, without the empty ones. */
export async function screenOf(output: string, columns = 100): Promise<readonly string[]> {
  const terminal = new Terminal({ cols: columns, rows: 30, allowProposedApi: true, scrollback: 1_000 })
  await new Promise<void>((resolve) => terminal.write(output, resolve))
  const { active } = terminal.buffer
  return Array.from({ length: active.length }, (_, row) => active.getLine(row)?.translateToString(true) ?? '').filter(
    (line) => line !== '',
  )
}
