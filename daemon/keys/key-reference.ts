// Keys that config.json only refers to: an environment variable or the output of a command.

import { spawn } from 'node:child_process'
import { NatterError } from '../../src/protocol/errors.ts'
import { checkKey } from './key-text.ts'

export type KeyReference =
  | { readonly type: 'environment'; readonly name: string }
  | { readonly type: 'command'; readonly command: string }

export type Environment = { readonly [name: string]: string | undefined }

export interface CommandLimits {
  readonly milliseconds: number
  readonly bytes: number
}

/** A daemon that a command starts is given the variables that config.json names. */
const RESTART = 'Set it and run "natter daemon restart"'
const COMMAND_LIMITS: CommandLimits = { milliseconds: 15_000, bytes: 64 * 1024 }

/** Throws `invalid-request` where the config holds something else, which may be a key and is not repeated. */
export function parseReference(provider: string, text: string): KeyReference {
  const [, kind, rest = ''] = /^(env|cmd):(.+)$/s.exec(text) ?? []
  if (kind === 'env') return { type: 'environment', name: rest.trim() }
  if (kind === 'cmd') return { type: 'command', command: rest }
  throw new NatterError(
    'invalid-request',
    `Cannot read key of "${provider}": config.json says something that is neither "env:NAME" nor "cmd:COMMAND"`,
    { hint: `Store the key with "natter keys set ${provider}" and take "key" out of config.json` },
  )
}

/** What may be shown of it: of a command only the program, since its arguments may hold secrets. */
export function describeReference(reference: KeyReference): string {
  switch (reference.type) {
    case 'environment':
      return `env:${reference.name}`
    case 'command':
      return `cmd:${/^\s*([\w./-]+)/.exec(reference.command)?.[1] ?? '…'}`
  }
}

export async function readReference(
  provider: string,
  reference: KeyReference,
  environment: Environment,
  limits: CommandLimits = COMMAND_LIMITS,
): Promise<string> {
  switch (reference.type) {
    case 'environment': {
      const value = environment[reference.name]
      if (value === undefined || value.trim() === '') {
        throw missing(provider, reference, 'that variable is not set where the daemon runs', RESTART)
      }
      return checkKey(provider, value)
    }
    case 'command': {
      const output = await run(provider, reference, environment, limits)
      const [line = ''] = output.trimStart().split(/\r?\n/, 1)
      if (line.trim() === '') throw missing(provider, reference, 'the command printed nothing', 'Run the command')
      return checkKey(provider, line)
    }
  }
}

/** The output is a secret and what goes to stderr may be one: neither gets into an error. */
function run(
  provider: string,
  reference: Extract<KeyReference, { type: 'command' }>,
  environment: Environment,
  limits: CommandLimits,
): Promise<string> {
  return new Promise((resolve, reject) => {
    // A group of its own, so that what the command started ends with it.
    const child = spawn('/bin/sh', ['-c', reference.command], {
      stdio: ['ignore', 'pipe', 'ignore'],
      env: { ...environment },
      detached: true,
    })
    const chunks: Buffer[] = []
    let bytes = 0
    const timer = setTimeout(() => {
      stop(`the command did not end within ${limits.milliseconds / 1000} s`)
    }, limits.milliseconds)

    child.stdout.on('data', (chunk: Buffer) => {
      bytes += chunk.length
      if (bytes > limits.bytes) stop(`the command printed more than ${limits.bytes} bytes`)
      else chunks.push(chunk)
    })
    child.on('error', () => fail('the command could not be started'))
    child.on('close', (code, signal) => {
      if (code !== 0) return fail(`the command ended with ${signal ?? `exit code ${code}`}`)
      clearTimeout(timer)
      resolve(Buffer.concat(chunks).toString('utf8'))
    })

    function stop(reason: string): void {
      fail(reason)
      child.stdout.destroy()
      if (child.pid === undefined) return
      try {
        process.kill(-child.pid, 'SIGKILL')
      } catch {
        // It ended by itself in this moment.
      }
    }
    function fail(reason: string): void {
      clearTimeout(timer)
      reject(missing(provider, reference, reason, 'Run the command'))
    }
  })
}

function missing(provider: string, reference: KeyReference, reason: string, remedy: string): NatterError {
  const source = describeReference(reference)
  return new NatterError('key-missing', `Cannot read key of "${provider}" from "${source}": ${reason}`, {
    hint: `${remedy}, or store the key with "natter keys set ${provider}" and take "key" out of config.json`,
  })
}
