// Nothing runs: how long until natterd listens, and until the first byte of an answer of the command that starts it.

import { spawn } from 'node:child_process'
import { readFileSync, rmSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { exitCodeOf } from '../helpers/daemons.ts'
import { isAlive, NATTER, NATTERD } from '../helpers/home.ts'
import { until } from '../helpers/until.ts'
import type { Bench, BenchOptions, BenchResult } from './bench.ts'
import { answers, type BenchHome, createBenchHome } from './bench-daemon.ts'
import { median, showSummary, summarize } from './statistics.ts'
import { runTimed } from './timed-run.ts'

const BARE_SERVER = fileURLToPath(new URL('./bare-server.cjs', import.meta.url))
const FIRST_BYTE_MS = 300
/** The first runs fill the compile cache. */
const WARM_UP = 2

export const coldStart: Bench = {
  name: 'cold-start',
  summary: 'no daemon: process start to the first byte of the answer, and to a listening natterd',
  run,
}

async function run({ quick }: BenchOptions): Promise<BenchResult> {
  using home = createBenchHome()
  const times = { bare: [] as number[], daemon: [] as number[], command: [] as number[] }
  for (let round = -WARM_UP; round < (quick ? 3 : 20); round += 1) {
    const bare = await timeServer([BARE_SERVER, `${home.directory}/bare.sock`], `${home.directory}/bare.sock`, home)
    const daemon = await timeServer([NATTERD], home.paths.socket, home)
    const command = await timeCommand(home)
    if (round < 0) continue
    times.bare.push(bare)
    times.daemon.push(daemon)
    times.command.push(command)
  }
  return {
    tables: [
      {
        title: 'Milliseconds, median (middle half)',
        rows: [
          ['', 'ms'],
          ['a bare node:http server answers', showSummary(times.bare)],
          ['natterd answers', showSummary(times.daemon)],
          ['natter "x" starts natterd and shows its first byte', showSummary(times.command)],
        ],
      },
    ],
    targets: [
      {
        name: 'cold start: to the first byte',
        value: median(times.command),
        limit: FIRST_BYTE_MS,
        kind: 'max',
        unit: 'ms',
      },
    ],
    figures: { bare: summarize(times.bare), daemon: summarize(times.daemon), command: summarize(times.command) },
  }
}

async function timeServer(args: readonly string[], socketPath: string, { env }: BenchHome): Promise<number> {
  rmSync(socketPath, { force: true })
  const startedAt = performance.now()
  const child = spawn(process.execPath, [...args], { env, stdio: 'ignore' })
  await until(() => answers(socketPath))
  const ms = performance.now() - startedAt
  child.kill('SIGTERM')
  await exitCodeOf(child)
  return ms
}

async function timeCommand({ env, paths }: BenchHome): Promise<number> {
  const args = [NATTER, '-q', '-o', 'words=3', '-o', 'delayMs=0', 'x']
  const { firstByteMs } = await runTimed({ command: process.execPath, args, env })
  const { pid } = JSON.parse(readFileSync(`${paths.state}/daemon.json`, 'utf8')) as { pid: number }
  process.kill(pid, 'SIGTERM')
  await until(() => !isAlive(pid))
  return firstByteMs
}
