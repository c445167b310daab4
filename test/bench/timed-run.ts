// One run of a program, timed from before its start to its first byte and to its end.

import { spawn } from 'node:child_process'

export interface TimedRun {
  readonly firstByteMs: number
  readonly exitMs: number
}

export interface Program {
  readonly command: string
  readonly args: readonly string[]
  readonly env: NodeJS.ProcessEnv
  /** The answer begins where this stands in the output; absent: with the first byte. */
  readonly marker?: string
  /** It would go on for ever: ended once the answer began. */
  readonly endless?: boolean
}

/** Rejects where the program fails or gives no answer. */
export function runTimed({ command, args, env, marker = '', endless = false }: Program): Promise<TimedRun> {
  return new Promise((resolve, reject) => {
    const startedAt = performance.now()
    const child = spawn(command, [...args], { env, stdio: ['ignore', 'pipe', 'pipe'] })
    let output = ''
    let errors = ''
    let firstByteMs: number | null = null
    child.stdout.on('data', (chunk: Buffer) => {
      output += chunk
      if (firstByteMs !== null || !output.includes(marker)) return
      firstByteMs = performance.now() - startedAt
      if (endless) child.kill('SIGKILL')
    })
    child.stderr.on('data', (chunk: Buffer) => {
      errors += chunk
    })
    child.on('error', reject)
    child.on('close', (code) => {
      const exitMs = performance.now() - startedAt
      if (firstByteMs !== null && (endless || code === 0)) resolve({ firstByteMs, exitMs })
      else reject(new Error(`"${command} ${args.join(' ')}" ended with code ${code}: ${errors}${output}`))
    })
  })
}
