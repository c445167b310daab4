// What counts and writes; loaded when somebody first reads.

import { Counter, collectDefaultMetrics, Registry } from 'prom-client'
import type { GatewayState, TurnFacts } from './metrics.ts'
import { createStateGauges } from './state-gauges.ts'
import { createTurnMeters } from './turn-meters.ts'

export interface MetricsReader {
  count(facts: TurnFacts): void
  text(state: GatewayState): Promise<string>
}

/** With a registry of its own: nothing of it is global. */
export function createMetricsReader(): MetricsReader {
  const registry = new Registry()
  const used = process.cpuUsage()
  // By default it would look at the clock a hundred times a second, for ever.
  collectDefaultMetrics({ register: registry, eventLoopMonitoringPrecision: 100 })
  addCpu(registry, used)
  const meters = createTurnMeters(registry)
  const gauges = createStateGauges(registry)
  return {
    count: meters.count,
    text(state) {
      gauges.set(state)
      return registry.metrics()
    },
  }
}

/** Those counters begin when they are made; the process was at work for longer. */
function addCpu(registry: Registry, { user, system }: NodeJS.CpuUsage): void {
  const microseconds = { user_: user, system_: system, '': user + system }
  for (const [kind, value] of Object.entries(microseconds)) {
    const counter = registry.getSingleMetric(`process_cpu_${kind}seconds_total`)
    if (counter instanceof Counter) counter.inc(value / 1e6)
  }
}
