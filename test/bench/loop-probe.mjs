// Preloaded into a daemon that is measured: at SIGUSR2 it writes how late its event loop was since the last time.
import { writeFileSync } from 'node:fs'
import { monitorEventLoopDelay } from 'node:perf_hooks'
import { isMainThread } from 'node:worker_threads'

// The histogram counts the sampling interval itself.
const RESOLUTION_MS = 1

if (isMainThread) {
  const histogram = monitorEventLoopDelay({ resolution: RESOLUTION_MS })
  histogram.enable()
  process.on('SIGUSR2', () => {
    const late = (nanoseconds) => Math.max(0, nanoseconds / 1e6 - RESOLUTION_MS)
    const { min, max } = histogram
    const percentiles = Object.fromEntries([50, 95, 99, 99.9].map((rank) => [rank, late(histogram.percentile(rank))]))
    writeFileSync(
      process.env.LOOP_PROBE_FILE,
      JSON.stringify({ min: late(min), max: late(max), percentiles, count: histogram.count }),
    )
    histogram.reset()
  })
}
