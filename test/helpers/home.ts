// A natter of its own in a temporary home: the real command and the real daemon, ended and removed afterwards.

import { type ChildProcessWithoutNullStreams, spawn } from 'node:child_process'
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { type Client, createClient } from '../../src/client/api.ts'
import type { DaemonFile } from '../../src/protocol/hello.ts'
import { type Paths, resolvePaths } from '../../src/protocol/paths.ts'
import { until } from './until.ts'

export const NATTER = fileURLToPath(new URL('../../bin/natter.js', import.meta.url))
export const NATTERD = fileURLToPath(new URL('../../bin/natterd.js', import.meta.url))

export interface RunOptions {
  readonly stdin?: string | Buffer
  readonly env?: { readonly [name: string]: string }
  readonly cwd?: string
}

export interface RunResult {
  readonly code: number | null
  readonly signal: NodeJS.Signals | null
  readonly stdout: string
  readonly stderr: string
}

export interface Home extends AsyncDisposable {
  readonly directory: string
  readonly paths: Paths
  readonly env: NodeJS.ProcessEnv
  /** Runs `natter` to its end; without `stdin` it gets none. */
  run(args: readonly string[], options?: RunOptions): Promise<RunResult>
  /** A running `natter` with pipes. */
  start(args: readonly string[], options?: RunOptions): ChildProcessWithoutNullStreams
  /** What daemon.json says; null where no daemon rules. */
  daemon(): DaemonFile | null
  /** Ends the daemon as a power cut would, and waits until it is gone. */
  killDaemon(): Promise<void>
}

/** Node's compile cache, kept between runs. */
const COMPILED = fileURLToPath(new URL('../../node_modules/.cache/natter-tests', import.meta.url))
/** How long a daemon has to leave in peace. */
const DISPOSE_MS = 1_000

export function createHome(settings: object = {}): Home {
  const directory = mkdtempSync(join(tmpdir(), 'natter-test-'))
  // One for all homes: compiling the bundles anew for each would be most of what a test does.
  mkdirSync(COMPILED, { recursive: true })
  symlinkSync(COMPILED, join(directory, 'cache'))
  const env: NodeJS.ProcessEnv = {
    PATH: process.env['PATH'],
    HOME: directory,
    NATTER_HOME: directory,
    NATTER_DISCOVER: '0',
    TERM: 'xterm-256color',
  }
  const paths = resolvePaths({
    env,
    platform: process.platform,
    uid: process.getuid?.() ?? 0,
    home: directory,
    temporary: tmpdir(),
  })
  writeSettings(paths, settings)
  return { directory, paths, env, run, start, daemon, killDaemon, [Symbol.asyncDispose]: dispose }

  function start(args: readonly string[], options: RunOptions = {}): ChildProcessWithoutNullStreams {
    return spawn(process.execPath, [NATTER, ...args], {
      env: { ...env, ...options.env },
      cwd: options.cwd ?? directory,
      stdio: ['pipe', 'pipe', 'pipe'],
    })
  }

  async function run(args: readonly string[], options: RunOptions = {}): Promise<RunResult> {
    const child = start(args, options)
    child.stdin.on('error', () => {})
    child.stdin.end(options.stdin ?? '')
    return collect(child)
  }

  function daemon(): DaemonFile | null {
    try {
      return JSON.parse(readFileSync(`${paths.state}/daemon.json`, 'utf8')) as DaemonFile
    } catch {
      return null
    }
  }

  async function killDaemon(): Promise<void> {
    const running = daemon()
    if (running === null) return
    kill(running.pid, 'SIGKILL')
    await until(() => !isAlive(running.pid))
  }

  async function dispose(): Promise<void> {
    const running = daemon()
    if (running !== null) {
      kill(running.pid, 'SIGTERM')
      // Nobody wants what it would still wait for: an answer that a test left running.
      await until(() => !isAlive(running.pid), DISPOSE_MS).catch(killDaemon)
    }
    rmSync(directory, { recursive: true, force: true, maxRetries: 5 })
  }
}

export function collect(child: ChildProcessWithoutNullStreams): Promise<RunResult> {
  return new Promise((resolve, reject) => {
    const stdout: Buffer[] = []
    const stderr: Buffer[] = []
    child.stdout.on('data', (chunk: Buffer) => stdout.push(chunk))
    child.stderr.on('data', (chunk: Buffer) => stderr.push(chunk))
    child.on('error', reject)
    child.on('close', (code, signal) =>
      resolve({ code, signal, stdout: Buffer.concat(stdout).toString(), stderr: Buffer.concat(stderr).toString() }),
    )
  })
}

export function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0)
    return !isZombie(pid)
  } catch {
    return false
  }
}

/** In a container nobody may be there to reap it; it does nothing any more. */
function isZombie(pid: number): boolean {
  const file = `/proc/${pid}/stat`
  return existsSync(file) && /^\d+ \(.*\) Z /.test(readFileSync(file, 'utf8'))
}

export function kill(pid: number, signal: NodeJS.Signals): void {
  try {
    process.kill(pid, signal)
  } catch {
    // Gone already.
  }
}

export function clientOf(home: Home): Client {
  return createClient(home.paths, home.env)
}

function writeSettings(paths: Paths, settings: object): void {
  mkdirSync(paths.config, { recursive: true, mode: 0o700 })
  writeFileSync(`${paths.config}/config.json`, JSON.stringify(settings), { mode: 0o600 })
}
