// Search over a hundred thousand messages while fifty streams run, and how late the daemon's loop gets by it.

import { readFileSync, rmSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { createId } from '../../src/protocol/ids.ts'
import { createRandom, type Random } from '../helpers/random.ts'
import { rawCalls, readEvents } from '../helpers/raw-socket.ts'
import { seedStore } from '../helpers/seed.ts'
import { until } from '../helpers/until.ts'
import type { Bench, BenchOptions, BenchResult } from './bench.ts'
import { createBenchHome, startBenchDaemon } from './bench-daemon.ts'
import { median, percentile } from './statistics.ts'

const MESSAGES = 100_000
const STREAMS = 50
const PIECE_MS = 20
const SEARCH_P95_MS = 50
const LOOP_P99_MS = 15
const PROBE = fileURLToPath(new URL('./loop-probe.mjs', import.meta.url))

export const search: Bench = {
  name: 'search',
  summary: `search over ${MESSAGES} messages while ${STREAMS} streams run (50 pieces a second each)`,
  run,
}

/** What people search: the most frequent words are the dearest. */
const KINDS: { readonly [name: string]: (words: readonly string[], random: Random) => string } = {
  'common word': (words, random) => words[random.between(0, 20)] ?? '',
  'middling word': (words, random) => words[random.between(100, 1_000)] ?? '',
  'rare word': (words, random) => words[random.between(5_000, 19_999)] ?? '',
  'two words': (words, random) => `${words[random.between(0, 100)]} ${words[random.between(0, 2_000)]}`,
}

interface Phase {
  readonly name: string
  readonly times: { readonly [kind: string]: readonly number[] }
  readonly loop: { readonly max: number; readonly percentiles: { readonly [rank: string]: number } }
}

async function run({ quick, note }: BenchOptions): Promise<BenchResult> {
  using home = createBenchHome()
  note(`writing ${MESSAGES} messages`)
  const { vocabulary } = await seedStore({ file: `${home.paths.data}/natter.db`, messages: MESSAGES })
  const probeFile = `${home.directory}/loop.json`
  await using daemon = await startBenchDaemon({ ...home, env: { ...home.env, LOOP_PROBE_FILE: probeFile } }, [
    '--import',
    PROBE,
  ])
  const random = createRandom(1)
  const searches = quick ? 20 : 100
  const searchAll = (count: number) => timeSearches(daemon.socketPath, { vocabulary, random, count })
  const probe = () => readProbe(daemon.pid, probeFile)
  await searchAll(5)
  const streams = new AbortController()
  const phases: Phase[] = []
  await probe()
  phases.push({ name: 'no streams', times: await searchAll(searches), loop: await probe() })
  const readers = await startStreams(daemon.socketPath, streams.signal)
  await probe()
  phases.push({ name: `${STREAMS} streams`, times: await searchAll(searches), loop: await probe() })
  streams.abort()
  await Promise.all(readers)
  return toResult(phases)
}

interface Searching {
  readonly vocabulary: readonly string[]
  readonly random: Random
  readonly count: number
}

async function timeSearches(socketPath: string, { vocabulary, random, count }: Searching): Promise<Phase['times']> {
  const times: { [kind: string]: number[] } = {}
  const call = rawCalls(socketPath)
  for (let index = 0; index < count; index += 1) {
    for (const [kind, toQuery] of Object.entries(KINDS)) {
      const startedAt = performance.now()
      await call('conversations.search', { query: toQuery(vocabulary, random) })
      times[kind] = [...(times[kind] ?? []), performance.now() - startedAt]
    }
  }
  return times
}

/** Long answers, each with a reader. */
async function startStreams(socketPath: string, signal: AbortSignal): Promise<readonly Promise<void>[]> {
  const call = rawCalls(socketPath)
  const parameters = { extra: { words: 100_000, delayMs: PIECE_MS } }
  return Promise.all(
    Array.from({ length: STREAMS }, async () => {
      const request = {
        turnId: createId('trn'),
        prompt: 'Go on',
        model: 'demo/natter',
        origin: 'api',
        parameters,
      } as const
      const { conversationId } = await call('turns.start', request)
      return { done: readOn(socketPath, conversationId, signal) }
    }),
  ).then((started) => started.map(({ done }) => done))
}

async function readOn(socketPath: string, conversationId: string, signal: AbortSignal): Promise<void> {
  for await (const _ of readEvents(socketPath, conversationId, { lastSeq: null, signal }));
}

async function readProbe(pid: number, file: string): Promise<Phase['loop']> {
  rmSync(file, { force: true })
  process.kill(pid, 'SIGUSR2')
  let text = ''
  await until(() => {
    try {
      text = readFileSync(file, 'utf8')
    } catch {
      // Not written yet.
    }
    return text.endsWith('}')
  })
  return JSON.parse(text) as Phase['loop']
}

function toResult(phases: readonly Phase[]): BenchResult {
  const all = (phase: Phase | undefined) => Object.values(phase?.times ?? {}).flat()
  const busy = phases.at(-1)
  const show = (values: readonly number[]) =>
    [median(values), percentile(values, 0.95), percentile(values, 0.99)].map((ms) => ms.toFixed(1))
  return {
    tables: [
      {
        title: 'Milliseconds of a search',
        rows: [
          ['', '', 'p50', 'p95', 'p99'],
          ...phases.flatMap((phase) => [
            ...Object.entries(phase.times).map(([kind, times]) => [phase.name, kind, ...show(times)]),
            [phase.name, 'all', ...show(all(phase))],
          ]),
        ],
      },
      {
        title: "Lateness of the daemon's event loop meanwhile, milliseconds",
        rows: [
          ['', 'p50', 'p99', 'p99.9', 'max'],
          ...phases.map(({ name, loop }) => [
            name,
            ...[loop.percentiles['50'], loop.percentiles['99'], loop.percentiles['99.9'], loop.max].map((ms) =>
              (ms ?? Number.NaN).toFixed(1),
            ),
          ]),
        ],
      },
    ],
    targets: [
      {
        name: 'search: p95 with 50 streams',
        value: percentile(all(busy), 0.95),
        limit: SEARCH_P95_MS,
        kind: 'max',
        unit: 'ms',
      },
      {
        name: 'search: loop delay p99',
        value: busy?.loop.percentiles['99'] ?? Number.NaN,
        limit: LOOP_P99_MS,
        kind: 'max',
        unit: 'ms',
      },
    ],
    figures: phases,
  }
}
