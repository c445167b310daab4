// A daemon of its own for a bench, in a home on disk or in memory, started without the client.

import { type ChildProcess, spawn } from 'node:child_process'
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { request } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type Paths, resolvePaths } from '../../src/protocol/paths.ts'
import { exitCodeOf } from '../helpers/daemons.ts'
import { NATTERD } from '../helpers/home.ts'
import { until } from '../helpers/until.ts'

export interface BenchHome extends Disposable {
  readonly directory: string
  readonly paths: Paths
  readonly env: NodeJS.ProcessEnv
}

export function createBenchHome(settings: object = {}): BenchHome {
  const directory = mkdtempSync(join(tmpdir(), 'natter-bench-'))
  const env = { PATH: process.env['PATH'], HOME: directory, NATTER_HOME: directory, NATTER_DISCOVER: '0' }
  const paths = resolvePaths({
    env,
    platform: process.platform,
    uid: process.getuid?.() ?? 0,
    home: directory,
    temporary: tmpdir(),
  })
  mkdirSync(paths.config, { recursive: true, mode: 0o700 })
  writeFileSync(`${paths.config}/config.json`, JSON.stringify({ daemon: { idleExitMinutes: 0 }, ...settings }))
  return {
    directory,
    paths,
    env,
    [Symbol.dispose]: () => rmSync(directory, { recursive: true, force: true, maxRetries: 5 }),
  }
}

export interface BenchDaemon extends AsyncDisposable {
  readonly pid: number
  readonly socketPath: string
  /** From the start of the process until it answered, in milliseconds. */
  readonly startMs: number
}

/** `nodeArguments` come before the program, for a probe or a profile. */
export async function startBenchDaemon(home: BenchHome, nodeArguments: readonly string[] = []): Promise<BenchDaemon> {
  const startedAt = performance.now()
  const child = spawn(process.execPath, [...nodeArguments, NATTERD], {
    env: home.env,
    stdio: ['ignore', 'ignore', 'inherit'],
  })
  await until(() => answers(home.paths.socket))
  return {
    pid: child.pid ?? 0,
    socketPath: home.paths.socket,
    startMs: performance.now() - startedAt,
    [Symbol.asyncDispose]: () => end(child),
  }
}

async function end(child: ChildProcess): Promise<void> {
  child.kill('SIGTERM')
  await exitCodeOf(child)
}

export function answers(socketPath: string): Promise<boolean> {
  return new Promise((resolve) => {
    const probe = request({ socketPath, path: '/api/hello', agent: false, headers: { host: 'natterd' } })
    probe.on('response', (response) => {
      response.resume()
      resolve(response.statusCode === 200)
    })
    probe.on('error', () => resolve(false))
    probe.end()
  })
}
