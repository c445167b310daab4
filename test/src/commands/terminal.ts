// A command in a real pseudo terminal: keys go in, what a person would see comes out.

import { spawn } from '@lydell/node-pty'
import { type Home, kill, NATTER } from '../../helpers/home.ts'
import { until } from '../../helpers/until.ts'

export interface TerminalRun extends AsyncDisposable {
  readonly pid: number
  /** All that was printed so far, with its escape sequences. */
  readonly output: string
  press(keys: string): void
  /** Resolves when the text has been printed. */
  sees(text: string | RegExp): Promise<void>
  readonly code: Promise<number>
}

export interface TerminalOptions {
  readonly env?: { readonly [name: string]: string }
  /** Another program than natter. */
  readonly file?: string
  readonly columns?: number
}

export function openTerminal(home: Home, args: readonly string[], options: TerminalOptions = {}): TerminalRun {
  const { file = process.execPath, env = {}, columns = 100 } = options
  const child = spawn(file, options.file === undefined ? [NATTER, ...args] : [...args], {
    cwd: home.directory,
    env: { ...home.env, ...env },
    cols: columns,
    rows: 30,
  })
  let output = ''
  let hasEnded = false
  child.onData((data) => {
    output += data
  })
  const code = new Promise<number>((resolve) => {
    child.onExit(({ exitCode, signal }) => {
      hasEnded = true
      resolve(signal === undefined || signal === 0 ? exitCode : 128 + signal)
    })
  })
  return {
    pid: child.pid,
    get output() {
      return output
    },
    press: (keys) => child.write(keys),
    sees: (text) => until(() => (typeof text === 'string' ? output.includes(text) : text.test(output))),
    code,
    async [Symbol.asyncDispose]() {
      if (!hasEnded) kill(child.pid, 'SIGKILL')
      await code
    },
  }
}
