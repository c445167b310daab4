// A program beside the bench that prints its port and listens until it is ended.

import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'
import { exitCodeOf } from '../helpers/daemons.ts'

export interface HelperProcess extends AsyncDisposable {
  readonly pid: number
  readonly port: number
}

export async function startHelper(file: string, args: readonly string[] = []): Promise<HelperProcess> {
  const path = fileURLToPath(new URL(file, import.meta.url))
  const child = spawn(process.execPath, [path, ...args], { stdio: ['ignore', 'pipe', 'inherit'] })
  const [line] = (await once(child.stdout, 'data')) as [Buffer]
  return {
    pid: child.pid ?? 0,
    port: Number(line),
    [Symbol.asyncDispose]: async () => {
      child.kill('SIGTERM')
      await exitCodeOf(child)
    },
  }
}
