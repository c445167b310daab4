// A prompt in a pipe with a warm daemon: from the start of the process to the first byte of the answer.

import { fileURLToPath } from 'node:url'
import { createId } from '../../src/protocol/ids.ts'
import { NATTER } from '../helpers/home.ts'
import { rawCalls } from '../helpers/raw-socket.ts'
import type { Bench, BenchOptions, BenchResult } from './bench.ts'
import { type BenchHome, createBenchHome, startBenchDaemon } from './bench-daemon.ts'
import { isInstalled } from './programs.ts'
import { median, pairedRatios, showSummary, summarize } from './statistics.ts'
import { type Program, runTimed, type TimedRun } from './timed-run.ts'

const here = (file: string) => fileURLToPath(new URL(file, import.meta.url))
const RATIO_LIMIT = 1.6
/** The first runs fill the compile cache and the daemon's own. */
const WARM_UP = 3

export const oneShot: Bench = {
  name: 'one-shot',
  summary: 'natter "x" in a pipe, warm daemon: process start to first byte of the answer',
  run,
}

type Make = (home: BenchHome) => Promise<Program>

const ANSWER = { words: 3, delayMs: 0 }

const BARE_IMPORT = 'bare, import'
const BARE_REQUIRE = 'bare, require'

/** `import 'node:http'` also reads what Node loads only on demand, which `require` does not: two bare programs. */
const PROGRAMS: { readonly [name: string]: Make } = {
  'node alone': async ({ env }) => ({
    command: process.execPath,
    args: ['-e', 'process.stdout.write("x")'],
    env,
  }),
  [BARE_IMPORT]: async (home) => toBare(home, './bare-client.mjs'),
  [BARE_REQUIRE]: async (home) => toBare(home, './bare-client.cjs'),
  natter: async ({ env }) => ({
    command: process.execPath,
    args: [NATTER, '-q', '-o', `words=${ANSWER.words}`, '-o', `delayMs=${ANSWER.delayMs}`, 'x'],
    env,
  }),
  curl: toCurl,
}

function toBare({ env, paths }: BenchHome, file: string): Program {
  return { command: process.execPath, args: [here(file), paths.socket, JSON.stringify(startRequest())], env }
}

function startRequest() {
  const extra = { words: String(ANSWER.words), delayMs: String(ANSWER.delayMs) }
  return { turnId: createId('trn'), prompt: 'x', origin: 'script' as const, parameters: { extra } }
}

/** curl cannot read an answer to build the next request from it, so its conversation exists already. */
async function toCurl({ env, paths }: BenchHome): Promise<Program> {
  const { conversationId } = await rawCalls(paths.socket)('turns.start', startRequest())
  const socket = ['-sN', '--unix-socket', paths.socket]
  const body = JSON.stringify({ ...startRequest(), conversationId })
  const start = ['-H', 'content-type: application/json', '-d', body, 'http://natterd/api/turns.start']
  const follow = [`http://natterd/api/events?conversation=${conversationId}`]
  return {
    command: 'curl',
    args: [...socket, ...start, '--next', ...socket, ...follow],
    env,
    marker: 'word1',
    endless: true,
  }
}

async function run({ quick, note }: BenchOptions): Promise<BenchResult> {
  using home = createBenchHome()
  await using daemon = await startBenchDaemon(home)
  note(`natterd answered after ${daemon.startMs.toFixed(0)} ms`)
  const names = Object.keys(PROGRAMS).filter((name) => name !== 'curl' || isInstalled('curl'))
  if (!names.includes('curl')) note('curl is skipped: install the package "curl"')
  const runs = new Map<string, TimedRun[]>(names.map((name) => [name, []]))
  for (let round = -WARM_UP; round < (quick ? 5 : 40); round += 1) {
    for (const name of names) {
      const result = await runTimed(await programOf(name, home))
      if (round >= 0) runs.get(name)?.push(result)
    }
  }
  return toResult(runs)
}

function programOf(name: string, home: BenchHome): Promise<Program> {
  const make = PROGRAMS[name]
  if (make === undefined) throw new TypeError(`No program "${name}"`)
  return make(home)
}

function toResult(runs: ReadonlyMap<string, readonly TimedRun[]>): BenchResult {
  const firstBytes = (name: string) => (runs.get(name) ?? []).map(({ firstByteMs }) => firstByteMs)
  const ratios = (name: string, base: string) => pairedRatios(firstBytes(name), firstBytes(base))
  const rows = [...runs].map(([name, results]) => [
    name,
    showSummary(firstBytes(name)),
    showSummary(results.map(({ exitMs }) => exitMs)),
    showSummary(ratios(name, BARE_IMPORT), 2),
    showSummary(ratios(name, BARE_REQUIRE), 2),
  ])
  return {
    tables: [
      {
        title: 'Milliseconds, median (middle half); ratios to the bare programs in the same round',
        rows: [['', 'first byte', 'exit', `× ${BARE_IMPORT}`, `× ${BARE_REQUIRE}`], ...rows],
      },
    ],
    targets: [BARE_IMPORT, BARE_REQUIRE].map((base) => ({
      name: `one-shot: natter / ${base}`,
      value: median(ratios('natter', base)),
      limit: RATIO_LIMIT,
      kind: 'max',
      unit: '×',
    })),
    figures: {
      firstByteMs: Object.fromEntries([...runs.keys()].map((name) => [name, summarize(firstBytes(name))])),
      ratioToImport: summarize(ratios('natter', BARE_IMPORT)),
      ratioToRequire: summarize(ratios('natter', BARE_REQUIRE)),
    },
  }
}
