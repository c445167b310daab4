// What the OpenAI-compatible door costs, with token check, limits, accounting and ledger: against the vendor itself,
// the least a metering proxy costs, and another gateway.

import { spawnSync } from 'node:child_process'
import { setTimeout as delay } from 'node:timers/promises'
import { NATTER } from '../helpers/home.ts'
import type { Bench, BenchOptions, BenchResult, Table, Target } from './bench.ts'
import { createBenchHome, startBenchDaemon } from './bench-daemon.ts'
import { type Leaks, measureLeaks } from './gateway-leaks.ts'
import { startHelper } from './helper-process.ts'
import { startPortkey } from './portkey.ts'
import { rssMbOf } from './process-facts.ts'
import { type ChatOptions, chatDoor } from './stream-doors.ts'
import { type Cell, costTable, find, latencyTable, type Row, toFigures, toRows } from './stream-report.ts'
import { loadsOf, measure, warmUp } from './streams.ts'

const FIRST_ADDED_MS = 1.5
const CPU_RATIO = 1.3
const THROUGHPUT_RATIO = 0.8
const IDLE_MB = 90
const AFTER_MB = 150
const SETTLE_MS = 3_000
/** natterd gives memory back when it finds nothing to do for the second time, 15 seconds apart. */
const REST_MS = 40_000

export const gateway: Bench = {
  name: 'gateway',
  summary: '/v1/chat/completions, 100 tokens: direct, through a 60-line proxy, natterd, Portkey',
  run,
}

interface Way {
  readonly name: string
  readonly port: number
  readonly pid: number | null
  readonly chat: ChatOptions
}

interface Footprint {
  readonly way: string
  readonly idle: number
  readonly peak: number
  readonly after: number
  readonly leaks: Leaks
}

async function run({ quick, note }: BenchOptions): Promise<BenchResult> {
  await using upstream = await startHelper('./upstream.ts')
  await using proxy = await startHelper('./proxy.ts', [String(upstream.port)])
  await using portkey = await startPortkey(note)
  const bench = { format: 'openai-chat', baseUrl: `http://127.0.0.1:${upstream.port}/v1`, local: true }
  using home = createBenchHome({ providers: { bench } })
  await using daemon = await startBenchDaemon(home)
  const door = serve(home.env)
  const ways: readonly Way[] = [
    { name: 'direct', port: upstream.port, pid: null, chat: {} },
    { name: 'proxy', port: proxy.port, pid: proxy.pid, chat: {} },
    { name: 'natterd', port: door.port, pid: daemon.pid, chat: { headers: door.headers, prefix: 'bench/' } },
    ...(portkey === null
      ? []
      : [{ name: 'Portkey', ...pick(portkey), chat: { headers: portkeyHeaders(upstream.port) } }]),
  ]
  await delay(SETTLE_MS)
  const idle = new Map(ways.map((way) => [way.name, rssOf(way)]))
  const peaks = new Map<string, number>()
  const sampling = setInterval(() => {
    for (const way of ways) peaks.set(way.name, Math.max(peaks.get(way.name) ?? 0, rssOf(way)))
  }, 100)
  const cells = await measureAll(ways, { quick, note })
  await delay(REST_MS)
  const after = new Map(ways.map((way) => [way.name, rssOf(way)]))
  const footprints: Footprint[] = []
  for (const way of ways.slice(1)) {
    note(`callers that leave: ${way.name}`)
    const leaks = await measureLeaks(way.port, way.chat, upstream.port)
    const of = (values: ReadonlyMap<string, number>) => values.get(way.name) ?? Number.NaN
    footprints.push({ way: way.name, idle: of(idle), peak: of(peaks), after: of(after), leaks })
  }
  clearInterval(sampling)
  const rows = toRows(cells)
  return {
    tables: [latencyTable(rows), costTable(rows), footprintTable(footprints)],
    targets: toTargets(rows, footprints),
    figures: { ...toFigures(rows, cells), footprints },
  }
}

async function measureAll(ways: readonly Way[], { quick, note }: BenchOptions): Promise<readonly Cell[]> {
  const doors = ways.map(({ name, port, pid, chat }) => ({ name, pid, door: chatDoor(port, chat) }))
  for (const way of doors) await warmUp(way, quick)
  const cells: Cell[] = []
  const rounds = quick ? 2 : 5
  for (let round = 1; round <= rounds; round += 1) {
    note(`round ${round} of ${rounds}`)
    for (const load of loadsOf(quick)) {
      for (const way of doors) cells.push({ load: load.name, way: way.name, ...(await measure(way, load)) })
    }
  }
  return cells
}

/** Opens the TCP door as a user does. */
function serve(env: NodeJS.ProcessEnv): { readonly port: number; readonly headers: ChatOptions['headers'] & {} } {
  const { stdout, stderr } = spawnSync(process.execPath, [NATTER, 'serve', '--port', '0', '--json'], {
    env,
    encoding: 'utf8',
  })
  if (stdout === '') throw new Error(`natter serve failed: ${stderr}`)
  const { url, token } = JSON.parse(stdout) as { url: string; token: string }
  return { port: Number(new URL(url).port), headers: { authorization: `Bearer ${token}` } }
}

function portkeyHeaders(upstreamPort: number): ChatOptions['headers'] & {} {
  return {
    'x-portkey-provider': 'openai',
    'x-portkey-custom-host': `http://127.0.0.1:${upstreamPort}/v1`,
    authorization: 'Bearer sk-bench',
  }
}

function pick({ port, pid }: { readonly port: number; readonly pid: number }) {
  return { port, pid }
}

function rssOf({ pid }: Way): number {
  return pid === null ? Number.NaN : rssMbOf(pid)
}

function footprintTable(footprints: readonly Footprint[]): Table {
  return {
    title: 'Megabytes, and calls of the vendor left open 5 s after 20 callers left',
    rows: [
      ['', 'idle', 'peak', 'after', 'slow readers gone', 'cut before the first byte'],
      ...footprints.map(({ way, idle, peak, after, leaks }) => [
        way,
        ...[idle, peak, after].map((value) => value.toFixed(0)),
        String(leaks.slowReaders),
        String(leaks.earlyLeavers),
      ]),
    ],
  }
}

/** A burst has none: no vendor sends a whole answer at once, it is there to show the fixed cost of a call. */
function toTargets(rows: readonly Row[], footprints: readonly Footprint[]): readonly Target[] {
  const ours = rows.filter(({ way, load }) => way === 'natterd' && !load.startsWith('burst'))
  const name = (what: string) => `gateway: ${what}`
  const mine = footprints.find(({ way }) => way === 'natterd')
  return [
    {
      name: name('added to the first token at p50, stress, 1 at once'),
      value: find(rows, 'stress, 1 at once', 'natterd')?.addedFirst50 ?? Number.NaN,
      limit: FIRST_ADDED_MS,
      kind: 'max',
      unit: 'ms',
    },
    ...ours.flatMap((row): Target[] => [
      {
        name: name(`CPU of the proxy's, ${row.load}`),
        value: row.cpuOfProxy ?? Number.NaN,
        ...{ limit: CPU_RATIO, kind: 'max', unit: '×' },
      },
      {
        name: name(`streams/s of the proxy's, ${row.load}`),
        value: row.perSecondOfProxy,
        ...{ limit: THROUGHPUT_RATIO, kind: 'min', unit: '×' },
      },
    ]),
    { name: name('memory, idle'), value: mine?.idle ?? Number.NaN, limit: IDLE_MB, kind: 'max', unit: 'MB' },
    { name: name('memory, after'), value: mine?.after ?? Number.NaN, limit: AFTER_MB, kind: 'max', unit: 'MB' },
    {
      name: name('calls left open'),
      value: mine === undefined ? Number.NaN : mine.leaks.slowReaders + mine.leaks.earlyLeavers,
      limit: 0,
      kind: 'max',
      unit: '',
    },
  ]
}
