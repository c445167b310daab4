// Gauges of how things stand, read when somebody asks.

import { Gauge, type Registry } from 'prom-client'
import type { GatewayState } from './metrics.ts'
import { createNames } from './names.ts'

type Limits = GatewayState['limits']

const STORAGE_STATES = ['ok', 'full', 'suspect'] as const
const BREAKER_STATES = ['closed', 'half-open', 'open'] as const

export interface StateGauges {
  set(state: GatewayState): void
}

export function createStateGauges(registry: Registry): StateGauges {
  const names = createNames()
  const gauges = createGauges([registry])
  return {
    set(state) {
      const { version, build, limits } = state
      gauges.build.reset()
      gauges.build.set({ version, build }, 1)
      gauges.active.set(state.activeTurns)
      gauges.subscribers.set(state.subscribers)
      for (const storage of STORAGE_STATES) gauges.storage.set({ state: storage }, storage === state.storage ? 1 : 0)
      setLanes(gauges, limits.lanes, names)
      setBreakers(gauges, limits.breakers)
      setMoney(gauges, limits)
    },
  }
}

type Gauges = ReturnType<typeof createGauges>

function createGauges(registers: Registry[]) {
  const gauge = <Label extends string>(name: string, help: string, labelNames: readonly Label[]) =>
    new Gauge({ name, help, labelNames, registers })
  return {
    build: gauge('natter_build_info', 'The build of natterd', ['version', 'build']),
    active: gauge('natter_turns_active', 'Turns that run or wait', []),
    subscribers: gauge('natter_subscribers', 'Readers of events', []),
    storage: gauge('natter_storage_state', '1 for the state that the database is in', ['state']),
    waiting: gauge('natter_queue_waiting', 'Calls that wait for their turn', ['model']),
    open: gauge('natter_upstream_calls_open', 'Calls of providers that run', ['model']),
    used: gauge('natter_limit_used', 'Used in the last minute', ['model', 'key', 'kind']),
    limit: gauge('natter_limit', 'Allowed in a minute, where that is known', ['model', 'key', 'kind']),
    blocked: gauge('natter_provider_blocked_seconds', 'For how long the provider asked us to wait', ['model', 'key']),
    breaker: gauge('natter_breaker_state', '1 for the state of the breaker of a provider', ['provider', 'state']),
    spent: gauge('natter_budget_spent_dollars', 'Spent this calendar month', []),
    reserved: gauge('natter_budget_reserved_dollars', 'Reserved for answers that run', []),
    budget: gauge('natter_budget_dollars', 'The monthly budget, where there is one', []),
  }
}

/** Lanes come and go; those whose model has no name of its own any more are told in one. */
function setLanes(gauges: Gauges, lanes: Limits['lanes'], names: (name: string) => string): void {
  for (const gauge of [gauges.waiting, gauges.open, gauges.used, gauges.limit, gauges.blocked]) gauge.reset()
  for (const lane of lanes) {
    const model = `${lane.provider}/${lane.model}`
    const named = names(model)
    const labels = named === model ? { model, key: lane.key ?? '' } : { model: named, key: '' }
    gauges.waiting.inc({ model: named }, lane.waiting)
    gauges.open.inc({ model: named }, lane.running)
    for (const kind of ['requests', 'tokens'] as const) {
      const { used, limit } = lane[kind]
      gauges.used.inc({ ...labels, kind }, used)
      if (limit !== null && named === model) gauges.limit.set({ ...labels, kind }, limit)
    }
    if (named === model) gauges.blocked.set(labels, lane.blockedMs / 1000)
  }
}

/** Of a provider with several keys, the worst. */
function setBreakers({ breaker }: Gauges, breakers: Limits['breakers']): void {
  const worst = new Map<string, number>()
  for (const { provider, state } of breakers) {
    worst.set(provider, Math.max(worst.get(provider) ?? 0, BREAKER_STATES.indexOf(state)))
  }
  breaker.reset()
  for (const [provider, index] of worst) {
    for (const [at, state] of BREAKER_STATES.entries()) breaker.set({ provider, state }, at === index ? 1 : 0)
  }
}

function setMoney(gauges: Gauges, { month }: Limits): void {
  gauges.spent.set(month.spentMicros / 1e6)
  gauges.reserved.set(month.reservedMicros / 1e6)
  gauges.budget.reset()
  // Without labels a gauge begins at 0, which would be a budget of nothing.
  if (month.limitMicros === null) gauges.budget.remove()
  else gauges.budget.set(month.limitMicros / 1e6)
}
