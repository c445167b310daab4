// What follows each failure that a vendor can give, in each wire format: the attempts that are recorded, and the outcome.

import { LLMock } from '@copilotkit/aimock'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { createProviders, type Providers } from '../../../daemon/providers/registry.ts'
import { createTurns, type Turns } from '../../../daemon/turn/turns.ts'
import type { ErrorCode } from '../../../src/protocol/errors.ts'
import { createId } from '../../../src/protocol/ids.ts'
import { textOf } from '../../../src/protocol/stream.ts'
import { createTestRooms, type TestRooms } from '../../helpers/rooms.ts'
import { until } from '../../helpers/until.ts'
import { type NetworkFormat, WIRES } from '../../helpers/wire.ts'

interface Scenario {
  readonly name: string
  /** Makes the vendor answer a prompt in that way. */
  play(mock: LLMock, prompt: string): void
  /** How each call ended, oldest first. */
  readonly attempts: readonly (ErrorCode | 'ok')[]
  /** Whether text came before it broke. */
  readonly partial?: boolean
}

const FORMATS = Object.keys(WIRES) as NetworkFormat[]
const LONG = Array.from({ length: 40 }, (_, index) => `word${index}`).join(' ')

/** `message` is the vendor's own word for it, where the status alone does not tell. */
function status(code: number, attempts: Scenario['attempts'], message = `Refused with ${code}`): Scenario {
  return {
    name: `status ${code}, "${message}"`,
    play: (mock, prompt) => void mock.onMessage(prompt, { error: { message }, status: code }),
    attempts,
  }
}

function chaos(name: string, rates: object, attempts: Scenario['attempts']): Scenario {
  return {
    name,
    play: (mock, prompt) => void mock.onMessage(prompt, { content: LONG }, { chaos: rates }),
    attempts,
  }
}

function breaks(name: string, options: object): Scenario {
  return {
    name,
    play: (mock, prompt) => void mock.onMessage(prompt, { content: LONG }, { chunkSize: 8, ...options }),
    attempts: ['truncated'],
    partial: true,
  }
}

function thrice(code: ErrorCode): Scenario['attempts'] {
  return [code, code, code]
}

const SCENARIOS: readonly Scenario[] = [
  status(400, ['invalid-request']),
  status(400, ['context-exceeded'], 'The maximum context length is 128000 tokens'),
  status(401, ['key-refused']),
  status(402, ['quota-exhausted']),
  status(403, ['permission-denied']),
  status(404, ['model-not-found'], 'The model m-1 was not found'),
  status(408, thrice('provider-failed')),
  status(409, thrice('provider-failed')),
  status(413, ['too-large']),
  status(422, ['invalid-request']),
  status(429, thrice('rate-limited')),
  status(429, ['quota-exhausted'], 'Your credit balance is too low'),
  status(500, thrice('provider-failed')),
  status(502, thrice('provider-failed')),
  status(503, thrice('overloaded')),
  status(504, thrice('provider-failed')),
  status(529, thrice('overloaded')),
  breaks('a stream that ends after seven chunks', { truncateAfterChunks: 7, latency: 20 }),
  breaks('a connection that is cut in the middle', { disconnectAfterMs: 700, latency: 50 }),
  chaos('a request that is dropped', { dropRate: 1 }, thrice('provider-failed')),
  chaos('a body that is no JSON', { malformedRate: 1 }, ['protocol-error']),
  chaos('a limit', { rateLimitRate: 1 }, thrice('rate-limited')),
  chaos('a connection that is cut at once', { disconnectRate: 1 }, thrice('connection-failed')),
  {
    name: 'a failure that passes',
    play(mock, prompt) {
      mock.on({ userMessage: prompt, sequenceIndex: 0 }, { error: { message: 'Slow down' }, status: 429 })
      mock.on({ userMessage: prompt, sequenceIndex: 1 }, { error: { message: 'Busy' }, status: 503 })
      mock.onMessage(prompt, { content: 'third time lucky' })
    },
    attempts: ['rate-limited', 'overloaded', 'ok'],
  },
]

let mock: LLMock
let providers: Providers
let test: TestRooms
let turns: Turns

beforeAll(async () => {
  mock = new LLMock({ port: 0, host: '127.0.0.1', logLevel: 'silent', strict: true })
  await mock.start()
  providers = createProviders({ discover: false })
  test = await createTestRooms()
  const vendors = FORMATS.flatMap((format) =>
    SCENARIOS.map((scenario) => [vendorOf(format, scenario), format] as const),
  )
  test.settings = { providers: Object.fromEntries(vendors.map(([vendor, format]) => [vendor, settingsOf(format)])) }
  for (const [vendor] of vendors) test.keys.set(vendor, 'sk-test')
  turns = createTurns({ ...test.rooms, providers })
})

afterAll(async () => {
  await test[Symbol.asyncDispose]()
  await providers.close()
  await mock.stop()
})

function settingsOf(format: NetworkFormat) {
  return { format, baseUrl: `${mock.url}${format.startsWith('openai') ? '/v1' : ''}`, local: false }
}

/** Each has its own, so that no breaker of one scenario is met by the next. */
function vendorOf(format: NetworkFormat, scenario: Scenario): string {
  return `${format}-${SCENARIOS.indexOf(scenario)}`
}

async function run(model: string, prompt: string) {
  const turnId = createId('trn')
  const { messageId } = await turns.start({ turnId, prompt, origin: 'script', model })
  const message = () => test.rooms.store.messages.get(messageId)
  await until(async () => (await message())?.outcome !== null)
  const { attempts } = await test.rooms.store.turns.why(turnId)
  return { message: await message(), attempts: attempts.map(({ error }) => error?.code ?? 'ok') }
}

describe.concurrent.each(FORMATS)('%s', (format) => {
  it.each(SCENARIOS)('a turn that meets $name ends once and records its attempts', async (scenario) => {
    // A prompt is found by any part of it.
    const prompt = `[${format}: ${scenario.name}]`
    scenario.play(mock, prompt)
    const { message, attempts } = await run(`${vendorOf(format, scenario)}/m-1`, prompt)
    expect(attempts, scenario.name).toEqual(scenario.attempts)
    const last = scenario.attempts.at(-1)
    expect(message?.outcome).toMatchObject(
      last === 'ok' ? { type: 'completed' } : { type: 'failed', error: { code: last } },
    )
    const text = textOf(message?.parts ?? [])
    if (scenario.partial === true) expect(LONG.startsWith(text) && text !== '').toBe(true)
    else expect(text).toBe(last === 'ok' ? 'third time lucky' : '')
  })
})
