// Memory of natterd: idle, with a hundred streams, after them, and with the tokenizer's worker beside it.

import { setTimeout as delay } from 'node:timers/promises'
import { rawCalls } from '../helpers/raw-socket.ts'
import type { Bench, BenchOptions, BenchResult } from './bench.ts'
import { createBenchHome, startBenchDaemon } from './bench-daemon.ts'
import { startHelper } from './helper-process.ts'
import { rssMbOf } from './process-facts.ts'
import { median } from './statistics.ts'
import { natterDoor } from './stream-doors.ts'
import { runLoad } from './stream-load.ts'

const IDLE_MB = 90
const AFTER_MB = 150
const SAMPLE_MS = 50
const SETTLE_MS = 5_000
/** Ended conversations stay in memory for a minute, so that readers may come back. */
const LATER_MS = 75_000

export const memory: Bench = {
  name: 'memory',
  summary: 'RSS of natterd: idle, with 100 streams of 100 tokens at 10 ms, after them',
  run,
}

interface Memory {
  readonly idle: number
  readonly running: number
  readonly after: number
  /** Null in a quick run. */
  readonly later: number | null
  readonly withTokenizer: number
}

async function run({ quick, note }: BenchOptions): Promise<BenchResult> {
  await using upstream = await startHelper('./upstream.ts')
  const rounds: Memory[] = []
  for (let round = 0; round < (quick ? 1 : 2); round += 1) {
    note(`daemon ${round + 1}`)
    rounds.push(await measure(upstream.port, quick))
  }
  const middle = (field: keyof Memory) => median(rounds.map((memory) => memory[field] ?? Number.NaN))
  const fields = ['idle', 'running', 'after', 'later', 'withTokenizer'] as const
  return {
    tables: [
      {
        title: 'Megabytes, median of fresh daemons',
        rows: [
          ['', 'idle', '100 streams, most', 'after', 'a minute later', 'with the tokenizer'],
          ['natterd', ...fields.map((field) => middle(field).toFixed(0))],
        ],
      },
    ],
    targets: [
      { name: 'memory: idle', value: middle('idle'), limit: IDLE_MB, kind: 'max', unit: 'MB' },
      { name: 'memory: after 100 streams', value: middle('after'), limit: AFTER_MB, kind: 'max', unit: 'MB' },
    ],
    figures: rounds,
  }
}

async function measure(port: number, quick: boolean): Promise<Memory> {
  using home = createBenchHome({
    providers: { bench: { format: 'openai-chat', baseUrl: `http://127.0.0.1:${port}/v1`, local: true } },
  })
  await using daemon = await startBenchDaemon(home)
  const settle = () => delay(quick ? SETTLE_MS / 5 : SETTLE_MS)
  await settle()
  const idle = rssMbOf(daemon.pid)
  let running = 0
  const sampling = setInterval(() => {
    running = Math.max(running, rssMbOf(daemon.pid))
  }, SAMPLE_MS)
  const arrival = { type: 'closed', atOnce: 100 } as const
  await runLoad(natterDoor(daemon.socketPath), { name: '', pace: 'live', streams: quick ? 100 : 500, arrival })
  clearInterval(sampling)
  await settle()
  const after = rssMbOf(daemon.pid)
  if (!quick) await delay(LATER_MS)
  const later = quick ? null : rssMbOf(daemon.pid)
  await rawCalls(daemon.socketPath)('turns.estimate', { prompt: 'Count me', model: 'openai/gpt-5', origin: 'api' })
  return { idle, running, after, later, withTokenizer: rssMbOf(daemon.pid) }
}
