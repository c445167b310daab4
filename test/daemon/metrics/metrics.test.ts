import { expect, it } from 'vitest'
import { createMetrics, type GatewayState, type TurnFacts } from '../../../daemon/metrics/metrics.ts'
import { createNames, toModelLabels } from '../../../daemon/metrics/names.ts'

const STATE: GatewayState = {
  ...{ version: '1.2.3', build: 'abc', activeTurns: 2, subscribers: 3, storage: 'ok' },
  limits: {
    lanes: [],
    breakers: [],
    devices: [],
    month: { spentMicros: 1_500_000, reservedMicros: 20_000, limitMicros: null },
  },
}

const USAGE = {
  ...{ inputTokens: 100, outputTokens: 20, cachedInputTokens: 0, cacheWriteTokens: 0, reasoningTokens: 0 },
  estimated: false,
}

function turn(changes: Partial<TurnFacts> = {}): TurnFacts {
  return {
    ...{ operation: 'chat', origin: 'script', model: 'openai/gpt-5', outcome: 'completed' },
    ...{ usage: USAGE, costMicros: 2_000_000, cached: null, waitedMs: 400, totalMs: 1_502 },
    attempts: [{ model: 'openai/gpt-5', totalMs: 1_100, firstPartMs: 300, error: null }],
    ...changes,
  }
}

/** The value of a series, by its name and labels as they stand in the text. */
function sampleOf(text: string, series: string): number | null {
  const line = text.split('\n').find((line) => line.startsWith(`${series} `))
  return line === undefined ? null : Number(line.slice(series.length + 1))
}

const CALL = 'gen_ai_operation_name="chat",gen_ai_provider_name="openai",gen_ai_request_model="gpt-5"'

it('createMetrics() counts turns, calls, tokens, money and times by the names of OpenTelemetry', async () => {
  const metrics = createMetrics()
  metrics.turnEnded(turn())
  const text = await metrics.text(STATE)
  expect(sampleOf(text, 'natter_turns_total{origin="script",outcome="completed",model="openai/gpt-5"}')).toBe(1)
  expect(sampleOf(text, 'natter_attempts_total{model="openai/gpt-5",code=""}')).toBe(1)
  expect(sampleOf(text, `gen_ai_client_token_usage_sum{${CALL},gen_ai_token_type="input"}`)).toBe(100)
  expect(sampleOf(text, `gen_ai_client_token_usage_bucket{le="64",${CALL},gen_ai_token_type="output"}`)).toBe(1)
  expect(sampleOf(text, `gen_ai_client_operation_duration_seconds_sum{${CALL}}`)).toBe(1.1)
  expect(sampleOf(text, `gen_ai_client_operation_time_to_first_chunk_seconds_sum{${CALL}}`)).toBe(0.3)
  expect(sampleOf(text, 'natter_queue_wait_seconds_sum{origin="script"}')).toBe(0.4)
  expect(sampleOf(text, 'natter_overhead_seconds_sum')).toBe(0.002)
  expect(sampleOf(text, 'natter_cost_dollars_total{model="openai/gpt-5",origin="script"}')).toBe(2)
})

it('createMetrics() counts the processor time of the whole process, also from before somebody asked', async () => {
  const until = performance.now() + 150
  while (performance.now() < until) JSON.stringify(STATE)
  const before = process.cpuUsage()
  const metrics = createMetrics()
  const text = await metrics.text(STATE)
  const after = process.cpuUsage()
  const seconds = (name: string) => sampleOf(text, `process_cpu_${name}seconds_total`) ?? 0
  const [user, system] = [seconds('user_'), seconds('system_')]
  expect(user).toBeGreaterThanOrEqual(before.user / 1e6)
  expect(user).toBeLessThanOrEqual(after.user / 1e6)
  expect(system).toBeGreaterThanOrEqual(before.system / 1e6)
  expect(seconds('')).toBeCloseTo(user + system, 3)
})

it('createMetrics() tells errors by their codes, and an unknown price is no cost of nothing', async () => {
  const metrics = createMetrics()
  await metrics.text(STATE)
  metrics.turnEnded(
    turn({
      costMicros: null,
      attempts: [
        { model: 'openai/gpt-5', totalMs: 10, firstPartMs: null, error: 'rate-limited' },
        { model: 'v/m', totalMs: 10, firstPartMs: 5, error: null },
      ],
    }),
  )
  const text = await metrics.text(STATE)
  expect(sampleOf(text, 'natter_attempts_total{model="openai/gpt-5",code="rate-limited"}')).toBe(1)
  expect(sampleOf(text, `gen_ai_client_operation_duration_seconds_count{${CALL},error_type="rate-limited"}`)).toBe(1)
  expect(sampleOf(text, 'natter_unpriced_turns_total{model="openai/gpt-5"}')).toBe(1)
  expect(text).not.toContain('natter_cost_dollars_total{')
  expect(sampleOf(text, 'natter_overhead_seconds_count')).toBe(0)
})

it('createMetrics() counts what was given again as no call', async () => {
  const metrics = createMetrics()
  metrics.turnEnded(turn({ cached: { savedMicros: 500_000 }, usage: null, costMicros: null, attempts: [] }))
  const text = await metrics.text(STATE)
  expect(sampleOf(text, 'natter_cache_hits_total')).toBe(1)
  expect(sampleOf(text, 'natter_cache_saved_dollars_total')).toBe(0.5)
  expect(text).not.toContain('natter_attempts_total{')
  expect(text).not.toContain('natter_unpriced_turns_total{')
})

it('createMetrics() counts every turn that ended before anybody asked', async () => {
  const metrics = createMetrics()
  for (let index = 0; index < 2_500; index += 1) metrics.turnEnded(turn())
  const reading = metrics.text(STATE)
  metrics.turnEnded(turn())
  const series = 'natter_turns_total{origin="script",outcome="completed",model="openai/gpt-5"}'
  expect(sampleOf(await reading, series)).toBe(2_501)
})

it('createMetrics() tells how things stand: queue, limits, breakers, money', async () => {
  const metrics = createMetrics()
  const lane = {
    ...{ provider: 'v', model: 'm', key: 'abc', running: 2, waiting: 7, concurrent: 8, blockedMs: 1_500 },
    requests: { used: 3, limit: 10 },
    tokens: { used: 30, limit: null },
  }
  const text = await metrics.text({
    ...STATE,
    storage: 'full',
    limits: {
      lanes: [lane, { ...lane, key: 'def', blockedMs: 0 }],
      breakers: [
        { provider: 'v', state: 'closed', retryMs: null },
        { provider: 'v', state: 'open', retryMs: 5 },
      ],
      devices: [],
      month: { ...STATE.limits.month, limitMicros: 10_000_000 },
    },
  })
  expect(sampleOf(text, 'natter_queue_waiting{model="v/m"}')).toBe(14)
  expect(sampleOf(text, 'natter_upstream_calls_open{model="v/m"}')).toBe(4)
  expect(sampleOf(text, 'natter_limit_used{model="v/m",key="abc",kind="requests"}')).toBe(3)
  expect(sampleOf(text, 'natter_limit{model="v/m",key="abc",kind="requests"}')).toBe(10)
  expect(text).not.toContain('natter_limit{model="v/m",key="abc",kind="tokens"}')
  expect(sampleOf(text, 'natter_provider_blocked_seconds{model="v/m",key="abc"}')).toBe(1.5)
  expect(sampleOf(text, 'natter_breaker_state{provider="v",state="open"}')).toBe(1)
  expect(sampleOf(text, 'natter_breaker_state{provider="v",state="closed"}')).toBe(0)
  expect(sampleOf(text, 'natter_storage_state{state="full"}')).toBe(1)
  expect(sampleOf(text, 'natter_budget_spent_dollars')).toBe(1.5)
  expect(sampleOf(text, 'natter_budget_dollars')).toBe(10)
  expect(sampleOf(text, 'natter_subscribers')).toBe(3)
  expect(text).toContain('process_cpu_seconds_total')
  const later = await metrics.text(STATE)
  expect(later).not.toContain('natter_limit_used{')
  expect(sampleOf(later, 'natter_budget_dollars'), 'no budget is none of nothing').toBeNull()
})

it('createMetrics() shares nothing with another, and gives each metric once', async () => {
  const [one, other] = [createMetrics(), createMetrics()]
  one.turnEnded(turn())
  expect(await other.text(STATE)).not.toContain('natter_turns_total{')
  const heads = (await one.text(STATE)).split('\n').filter((line) => line.startsWith('# TYPE'))
  expect(new Set(heads).size).toBe(heads.length)
})

it('createMetrics() keeps few names of models, whatever callers ask for', async () => {
  const metrics = createMetrics()
  for (let index = 0; index < 500; index += 1) metrics.turnEnded(turn({ model: `v/${index}`, attempts: [] }))
  const text = await metrics.text(STATE)
  expect(text.match(/^natter_turns_total\{/gm)).toHaveLength(51)
  expect(sampleOf(text, 'natter_turns_total{origin="script",outcome="completed",model="other"}')).toBe(450)
})

it('createNames() gives back those it knows when it is full', () => {
  const names = createNames(2)
  expect(['a', 'b', 'c', 'a'].map(names)).toEqual(['a', 'b', 'other', 'a'])
})

it.each([
  ['gemini/gemini-3', { gen_ai_provider_name: 'gcp.gemini', gen_ai_request_model: 'gemini-3' }],
  ['openrouter/meta/llama', { gen_ai_provider_name: 'openrouter', gen_ai_request_model: 'meta/llama' }],
  ['other', { gen_ai_provider_name: 'other', gen_ai_request_model: 'other' }],
])('toModelLabels() parts %s as OpenTelemetry does', (model, labels) => {
  expect(toModelLabels(model)).toEqual(labels)
})
