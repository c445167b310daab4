// Counters and histograms of turns: OpenTelemetry's names for GenAI where there are any, in the form of Prometheus.
// https://github.com/open-telemetry/semantic-conventions-genai/blob/main/docs/gen-ai/gen-ai-metrics.md

import { Counter, Histogram, type Registry } from 'prom-client'
import type { AttemptFacts, TurnFacts } from './metrics.ts'
import { createNames, toModelLabels } from './names.ts'

/** As the conventions say. */
const SECONDS = [0.01, 0.02, 0.04, 0.08, 0.16, 0.32, 0.64, 1.28, 2.56, 5.12, 10.24, 20.48, 40.96, 81.92]
const TOKENS = Array.from({ length: 14 }, (_, power) => 4 ** power)
/** What natter itself takes is far less than what vendors do. */
const OVERHEAD_SECONDS = [0.001, 0.002, 0.003, 0.005, 0.01, 0.02, 0.05, 0.1, 0.25, 1, 5]
const WAIT_SECONDS = [0.01, 0.1, 0.5, 1, 2.5, 5, 10, 30, 60, 120, 300]

const OF_CALL = ['gen_ai_operation_name', 'gen_ai_provider_name', 'gen_ai_request_model'] as const

export interface TurnMeters {
  count(facts: TurnFacts): void
}

export function createTurnMeters(registry: Registry): TurnMeters {
  const names = createNames()
  const meters = createMeters(registry)
  return {
    count(facts) {
      const model = names(facts.model)
      const { origin, outcome } = facts
      if (facts.within !== true) meters.turns.inc({ origin, outcome, model })
      countMoney(meters, facts, model)
      if (facts.attempts.length === 0) return
      for (const attempt of facts.attempts) countAttempt(meters, facts, attempt, names(attempt.model))
      countTokens(meters, facts, model)
      if (facts.within === true) return
      meters.wait.observe({ origin }, facts.waitedMs / 1000)
      // The pauses between calls are nobody's work.
      const [only, ...others] = facts.attempts
      if (only === undefined || others.length > 0 || outcome !== 'completed') return
      meters.overhead.observe(Math.max(0, facts.totalMs - facts.waitedMs - only.totalMs) / 1000)
    },
  }
}

type Meters = ReturnType<typeof createMeters>

function createMeters(registry: Registry) {
  const registers = [registry]
  return {
    ...createCallMeters(registers),
    turns: new Counter({
      name: 'natter_turns_total',
      help: 'Turns that ended',
      labelNames: ['origin', 'outcome', 'model'],
      registers,
    }),
    attempts: new Counter({
      name: 'natter_attempts_total',
      help: 'Calls of providers; code is empty where one was answered',
      labelNames: ['model', 'code'],
      registers,
    }),
    wait: new Histogram({
      name: 'natter_queue_wait_seconds',
      help: 'How long turns waited for their turn among others',
      labelNames: ['origin'],
      buckets: WAIT_SECONDS,
      registers,
    }),
    overhead: new Histogram({
      name: 'natter_overhead_seconds',
      help: 'What turns took beside the queue and the provider, of those that were answered at once',
      buckets: OVERHEAD_SECONDS,
      registers,
    }),
    ...createMoneyMeters(registers),
  }
}

function createCallMeters(registers: Registry[]) {
  return {
    tokens: new Histogram({
      name: 'gen_ai_client_token_usage',
      help: 'Number of input and output tokens used.',
      labelNames: [...OF_CALL, 'gen_ai_token_type'] as const,
      buckets: TOKENS,
      registers,
    }),
    duration: new Histogram({
      name: 'gen_ai_client_operation_duration_seconds',
      help: 'GenAI operation duration.',
      labelNames: [...OF_CALL, 'error_type'] as const,
      buckets: SECONDS,
      registers,
    }),
    firstChunk: new Histogram({
      name: 'gen_ai_client_operation_time_to_first_chunk_seconds',
      help: 'Time to receive the first chunk.',
      labelNames: OF_CALL,
      buckets: SECONDS,
      registers,
    }),
  }
}

function createMoneyMeters(registers: Registry[]) {
  return {
    cost: new Counter({
      name: 'natter_cost_dollars_total',
      help: 'What turns of a known price cost',
      labelNames: ['model', 'origin'],
      registers,
    }),
    unpriced: new Counter({
      name: 'natter_unpriced_turns_total',
      help: 'Turns that used tokens of a price nobody knows',
      labelNames: ['model'],
      registers,
    }),
    hits: new Counter({ name: 'natter_cache_hits_total', help: 'Answers that were given again', registers }),
    saved: new Counter({
      name: 'natter_cache_saved_dollars_total',
      help: 'What answers that were given again had cost, where that is known',
      registers,
    }),
  }
}

function countMoney(meters: Meters, { origin, usage, costMicros, cached }: TurnFacts, model: string): void {
  if (cached !== null) {
    meters.hits.inc()
    meters.saved.inc((cached.savedMicros ?? 0) / 1e6)
  }
  if (costMicros !== null) meters.cost.inc({ model, origin }, costMicros / 1e6)
  else if (usage !== null) meters.unpriced.inc({ model })
}

function countAttempt(meters: Meters, { operation }: TurnFacts, attempt: AttemptFacts, model: string): void {
  const labels = { gen_ai_operation_name: operation, ...toModelLabels(model) }
  const { error, firstPartMs, totalMs } = attempt
  meters.attempts.inc({ model, code: error ?? '' })
  meters.duration.observe(error === null ? labels : { ...labels, error_type: error }, totalMs / 1000)
  if (firstPartMs !== null && operation === 'chat') meters.firstChunk.observe(labels, firstPartMs / 1000)
}

function countTokens(meters: Meters, { operation, usage }: TurnFacts, model: string): void {
  if (usage === null) return
  const labels = { gen_ai_operation_name: operation, ...toModelLabels(model) }
  meters.tokens.observe({ ...labels, gen_ai_token_type: 'input' }, usage.inputTokens)
  meters.tokens.observe({ ...labels, gen_ai_token_type: 'output' }, usage.outputTokens)
}
