// What counts and writes; loaded when somebody first reads.

import { collectDefaultMetrics, Registry } from 'prom-client'
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
  // By default it would look at the clock a hundred times a second, for ever.
  collectDefaultMetrics({ register: registry, eventLoopMonitoringPrecision: 100 })
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
