import { expect, it } from 'vitest'
import { createId } from '../../src/protocol/ids.ts'
import { clientOf, createHome } from '../helpers/home.ts'
import { startLimitedVendor } from '../helpers/limited-vendor.ts'
import { until } from '../helpers/until.ts'

/** As OpenAI limits most who pay it. */
const LIMITS = { requestsPerMinute: 3_500, tokensPerMinute: 150_000 }
const CROWD = 3_500
const AT_ONCE = 64
const PERSON = 'a person asks'
const MINUTES_MS = 180_000

it(
  '3,500 turns started at once are answered without one refusal, and a person in their midst hardly waits',
  async () => {
    await using vendor = await startLimitedVendor({ limits: LIMITS, answerMs: 100 })
    const v = { baseUrl: vendor.baseUrl, local: true }
    await using home = createHome({ providers: { v }, limits: { v: { preset: 'openai-3500', concurrent: AT_ONCE } } })
    const client = clientOf(home)
    const start = (prompt: string, origin: 'script' | 'tui') =>
      client.call('turns.start', { turnId: createId('trn'), prompt, model: 'v/m', origin })
    const starts = Array.from({ length: CROWD }, (_, index) => start(`question ${index}`, 'script'))
    await Promise.all(starts.slice(0, CROWD / 2))
    const before = vendor.prompts.length
    const person = await start(PERSON, 'tui')
    await until(async () => (await client.call('turns.get', { reference: person.turnId })).turn.status === 'ended')
    const { turn } = await client.call('turns.get', { reference: person.turnId })
    expect(turn.outcome).toEqual({ type: 'completed' })
    // Those who ran when it came, and as many that were let go while its start was on its way; not the crowd that waits.
    expect(vendor.prompts.indexOf(PERSON) - before).toBeLessThanOrEqual(2 * AT_ONCE)
    const answeredByThen = vendor.answered
    await Promise.all(starts)
    await until(async () => (await client.call('turns.list', {})).turns.length === 0, MINUTES_MS)
    expect(vendor.refused).toBe(0)
    expect(vendor.answered).toBe(CROWD + 1)
    expect(answeredByThen).toBeLessThan(CROWD)
  },
  MINUTES_MS * 2,
)
