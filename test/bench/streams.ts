// What the daemon adds to a stream: against the vendor itself, and against the least a metering proxy costs.

import type { Bench, BenchOptions, BenchResult } from './bench.ts'
import { createBenchHome, startBenchDaemon } from './bench-daemon.ts'
import { startHelper } from './helper-process.ts'
import { cpuMsOf } from './process-facts.ts'
import { chatDoor, type Door, natterDoor, type Pace } from './stream-doors.ts'
import { type Load, runLoad } from './stream-load.ts'
import { type Cell, toStreamResult, UNSAVED } from './stream-report.ts'

const AT_ONCE = [1, 10, 100] as const

export const streams: Bench = {
  name: 'streams',
  summary: '100 tokens from the same fake vendor: direct, through a 60-line proxy, through natterd',
  run,
}

export interface Way {
  readonly name: string
  readonly door: Door
  /** The process in the middle; null where there is none. */
  readonly pid: number | null
}

export function loadsOf(quick: boolean): readonly Load[] {
  const closed = (pace: Pace, atOnce: number, streams: number): Load => ({
    name: `${pace}, ${atOnce} at once`,
    pace,
    streams: Math.max(atOnce * 2, quick ? Math.ceil(streams / 5) : streams),
    arrival: { type: 'closed', atOnce },
  })
  return [
    ...AT_ONCE.map((atOnce) => closed('live', atOnce, 5 * Math.min(atOnce, 10))),
    { name: 'live, 20 a second', pace: 'live', streams: quick ? 20 : 100, arrival: { type: 'open', perSecond: 20 } },
    ...AT_ONCE.map((atOnce) => closed('stress', atOnce, 150)),
    closed('burst', 10, 300),
  ]
}

async function run({ quick, note }: BenchOptions): Promise<BenchResult> {
  await using upstream = await startHelper('./upstream.ts')
  await using proxy = await startHelper('./proxy.ts', [String(upstream.port)])
  const bench = { format: 'openai-chat', baseUrl: `http://127.0.0.1:${upstream.port}/v1`, local: true }
  using home = createBenchHome({ providers: { bench } })
  await using daemon = await startBenchDaemon(home)
  const ways: readonly Way[] = [
    { name: 'direct', door: chatDoor(upstream.port), pid: null },
    { name: 'proxy', door: chatDoor(proxy.port), pid: proxy.pid },
    { name: 'natterd', door: natterDoor(daemon.socketPath), pid: daemon.pid },
    // As after --no-log: what a proxy does and no more, so the difference is what the commits and the index take.
    { name: UNSAVED, door: natterDoor(daemon.socketPath, false), pid: daemon.pid },
  ]
  const loads = loadsOf(quick)
  for (const way of ways) await warmUp(way, quick)
  const cells: Cell[] = []
  const rounds = quick ? 2 : 5
  for (let round = 1; round <= rounds; round += 1) {
    note(`round ${round} of ${rounds}`)
    for (const load of loads) {
      for (const way of ways) cells.push({ load: load.name, way: way.name, ...(await measure(way, load)) })
    }
  }
  return toStreamResult(cells)
}

/** The compiler needs a few hundred streams before it has seen everything. */
export async function warmUp({ door }: Way, quick: boolean): Promise<void> {
  for (const pace of ['stress', 'burst'] as const) {
    await runLoad(door, { name: '', pace, streams: quick ? 20 : 200, arrival: { type: 'closed', atOnce: 10 } })
  }
}

export async function measure({ door, pid }: Way, load: Load): Promise<Omit<Cell, 'load' | 'way'>> {
  const before = pid === null ? 0 : cpuMsOf(pid)
  const { times, perSecond } = await runLoad(door, load)
  const cpuMs = pid === null ? null : (cpuMsOf(pid) - before) / times.length
  return { times, perSecond, cpuMs }
}
