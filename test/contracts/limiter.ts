// What every Limiter must do, whoever keeps its counts.

import fc from 'fast-check'
import { expect, it } from 'vitest'
import type { Priority } from '../../daemon/limits/fair-queue.ts'
import type { Lane, Limiter, Limits, Permit, PermitRequest, Wait } from '../../daemon/limits/limiter.ts'
import { createVirtualClock, type VirtualClock } from '../helpers/virtual-clock.ts'

export const LANE: Lane = { provider: 'openai', key: 'fingerprint', model: 'gpt-test' }
export const UNLIMITED: Limits = {
  requests: null,
  tokens: null,
  inputTokens: null,
  outputTokens: null,
  concurrent: 1_000,
}
const MINUTE_MS = 60_000
/** What is given away so that nothing is exceeded: a window a little longer than the minute, and what is left to people. */
const GIVEN_AWAY = 0.05

export type MakeLimiter = (limits: Limits, clock: VirtualClock, queueMax?: number) => Limiter

export function testLimiter(name: string, make: MakeLimiter): void {
  it(`${name} lets go at once whoever is within the limits`, async () => {
    const { limiter } = open()
    expect((await limiter.acquire(call(), quiet())).waitedMs).toBe(0)
  })

  it(`${name} makes the next one wait until a call has ended`, async () => {
    const { limiter, clock } = open({ concurrent: 1 })
    const first = await limiter.acquire(call(), quiet())
    const second = watch(limiter.acquire(call(), quiet()))
    await clock.pass(5_000)
    expect(second.permit).toBeNull()
    first.settle({ inputTokens: 1, outputTokens: 1 })
    await clock.pass(0)
    expect(second.permit?.waitedMs).toBe(5_000)
  })

  it(`${name} says why it waits, and how long it will be`, async () => {
    const { limiter, clock } = open({ requests: 1 })
    await limiter.acquire(call({ priority: 'interactive' }), quiet())
    const waits: Wait[] = []
    watch(limiter.acquire(call({ priority: 'interactive' }), { ...quiet(), onWait: (wait) => waits.push(wait) }))
    await clock.pass(0)
    expect(waits).toHaveLength(1)
    expect(waits[0]).toMatchObject({ position: 1, reason: 'requests' })
    expect(waits[0]?.expectedMs).toBeGreaterThanOrEqual(MINUTE_MS)
    expect(waits[0]?.expectedMs).toBeLessThan(MINUTE_MS * 1.05)
  })

  it(`${name} gives back what was reserved and not used`, async () => {
    const { limiter } = open({ tokens: 1_000 })
    const permit = await limiter.acquire(call({ inputTokens: 100, outputTokens: 700 }), quiet())
    permit.settle({ inputTokens: 100, outputTokens: 50 })
    expect((await limiter.acquire(call({ inputTokens: 100, outputTokens: 600 }), quiet())).waitedMs).toBe(0)
  })

  it(`${name} counts more than was reserved where more was used`, async () => {
    const { limiter, clock } = open({ tokens: 1_000 })
    const permit = await limiter.acquire(call({ inputTokens: 10, outputTokens: 10 }), quiet())
    permit.settle({ inputTokens: 10, outputTokens: 900 })
    const second = watch(limiter.acquire(call({ inputTokens: 100, outputTokens: 100 }), quiet()))
    await clock.pass(1_000)
    expect(second.permit).toBeNull()
  })

  it(`${name} keeps all of a reservation whose usage nobody knows, and settles once`, async () => {
    const { limiter, clock } = open({ tokens: 1_000 })
    const permit = await limiter.acquire(call({ inputTokens: 400, outputTokens: 400 }), quiet())
    permit.settle(null)
    permit.settle({ inputTokens: 0, outputTokens: 0 })
    const second = watch(limiter.acquire(call({ inputTokens: 400, outputTokens: 400 }), quiet()))
    await clock.pass(1_000)
    expect(second.permit).toBeNull()
  })

  it(`${name} lets a call that is larger than the limit go alone`, async () => {
    const { limiter, clock } = open({ tokens: 1_000 })
    const huge = watch(limiter.acquire(call({ inputTokens: 5_000 }), quiet()))
    await clock.pass(0)
    expect(huge.permit).not.toBeNull()
  })

  it(`${name} waits as long as the provider asks`, async () => {
    const { limiter, clock } = open()
    limiter.observe(LANE, { retryAfterMs: 7_000 })
    const waiting = watch(limiter.acquire(call(), quiet()))
    await clock.pass(6_999)
    expect(waiting.permit).toBeNull()
    await clock.pass(1)
    expect(waiting.permit?.waitedMs).toBe(7_000)
  })

  it(`${name} learns limits that it did not know from the provider`, async () => {
    const { limiter, clock } = open()
    limiter.observe(LANE, { requests: { limit: 2, remaining: 0 } })
    const waiting = watch(limiter.acquire(call(), quiet()))
    await clock.pass(1_000)
    expect(waiting.permit).toBeNull()
    expect((await limiter.status())[0]?.limits.requests).toBe(2)
  })

  it(`${name} counts what others used with the same key`, async () => {
    const { limiter, clock } = open({ requests: 100 })
    limiter.observe(LANE, { requests: { limit: 100, remaining: 0 } })
    const waiting = watch(limiter.acquire(call(), quiet()))
    // A hundred a minute come back, one every 600 ms.
    await clock.pass(599)
    expect(waiting.permit).toBeNull()
    await clock.pass(2)
    expect(waiting.permit).not.toBeNull()
  })

  it(`${name} waits no longer than the provider needs to fill up, be it a second or a day`, async () => {
    const { limiter, clock } = open()
    limiter.observe(LANE, { requests: { limit: 10, remaining: 0, resetMs: 1_000 } })
    const soon = watch(limiter.acquire(call(), quiet()))
    await clock.pass(99)
    expect(soon.permit).toBeNull()
    await clock.pass(2)
    expect(soon.permit).not.toBeNull()
    const daily = { ...LANE, model: 'daily' }
    limiter.observe(daily, { requests: { limit: 1_000, remaining: 500, resetMs: 43_200_000 } })
    for (let count = 0; count < 100; count += 1) enter(limiter, call({ lane: daily }), () => {})
    await clock.pass(0)
    expect((await limiter.status()).find(({ lane }) => lane.model === 'daily')).toMatchObject({
      ...{ running: 0, waiting: 0, used: { requests: 100 } },
      limits: { requests: null },
    })
  })

  it(`${name} believes no provider that grants more than the user does`, async () => {
    const { limiter } = open({ requests: 5 })
    limiter.observe(LANE, { requests: { limit: 10_000, remaining: 10_000 } })
    expect((await limiter.status())[0]?.limits.requests).toBe(5)
  })

  it(`${name} lets people go before scripts`, async () => {
    const { limiter, clock } = open({ concurrent: 1 })
    const running = await limiter.acquire(call(), quiet())
    const went: string[] = []
    for (const name of ['a', 'b', 'c']) enter(limiter, call({ conversationId: name }), () => went.push(name))
    enter(limiter, call({ priority: 'interactive', conversationId: 'person' }), () => went.push('person'))
    running.settle(null)
    await clock.pass(0)
    expect(went).toEqual(['person', 'a', 'b', 'c'])
  })

  it(`${name} lets conversations take turns`, async () => {
    const { limiter, clock } = open({ concurrent: 1 })
    const running = await limiter.acquire(call(), quiet())
    const went: string[] = []
    for (const name of ['many 1', 'many 2', 'many 3']) {
      enter(limiter, call({ conversationId: 'many' }), () => went.push(name))
    }
    enter(limiter, call({ conversationId: 'one' }), () => went.push('one'))
    running.settle(null)
    await clock.pass(0)
    expect(went).toEqual(['many 1', 'one', 'many 2', 'many 3'])
  })

  it(`${name} lets scripts have their turn under an endless stream of people`, async () => {
    const { limiter, clock } = open({ concurrent: 1 })
    const running = await limiter.acquire(call(), quiet())
    const script = watch(limiter.acquire(call({ priority: 'batch', conversationId: 'script' }), quiet()))
    let people = 0
    const person = () => {
      enter(limiter, call({ priority: 'interactive', conversationId: `${people}` }), (permit) => {
        people += 1
        clock.at(clock.now() + 200, () => {
          person()
          permit.settle(null)
        })
      })
    }
    for (let count = 0; count < 5; count += 1) person()
    running.settle(null)
    for (let second = 0; second < 30 && script.permit === null; second += 1) await clock.pass(1_000)
    expect(script.permit).not.toBeNull()
    expect(people).toBeGreaterThan(10)
  })

  it(`${name} leaves people a share that a crowd of scripts cannot use up`, async () => {
    const { limiter, clock } = open({ requests: 100 })
    for (let count = 0; count < 200; count += 1) enter(limiter, call(), () => {})
    await clock.pass(1_000)
    const person = await limiter.acquire(call({ priority: 'interactive', conversationId: 'person' }), quiet())
    expect(person.waitedMs).toBe(0)
  })

  it(`${name} keeps that share for people however long scripts have waited before them`, async () => {
    const { limiter, clock } = open({ requests: 20 })
    for (let count = 0; count < 30; count += 1) enter(limiter, call(), () => {})
    await clock.pass(12_000)
    const waits: Wait[] = []
    const person = call({ priority: 'interactive', conversationId: 'person' })
    expect((await limiter.acquire(person, { ...quiet(), onWait: (wait) => waits.push(wait) })).waitedMs).toBe(0)
    expect(waits).toEqual([])
    const second = watch(limiter.acquire(person, { ...quiet(), onWait: (wait) => waits.push(wait) }))
    await clock.pass(0)
    expect(second.permit).toBeNull()
    expect(waits).toMatchObject([{ position: 1, reason: 'requests' }])
  })

  it(`${name} tells who is in front of each step`, async () => {
    const { limiter, clock } = open({ concurrent: 1 })
    await limiter.acquire(call(), quiet())
    const leaving = new AbortController()
    limiter.acquire(call(), { signal: leaving.signal }).catch(() => {})
    const positions: number[] = []
    limiter.acquire(call(), { ...quiet(), onWait: ({ position }) => positions.push(position) }).catch(() => {})
    leaving.abort(new Error('enough'))
    await clock.pass(1_000)
    expect(positions).toEqual([2, 1])
  })

  it(`${name} forgets who leaves while it waits`, async () => {
    const { limiter, clock } = open({ concurrent: 1 })
    const running = await limiter.acquire(call(), quiet())
    const controller = new AbortController()
    const leaving = limiter.acquire(call(), { signal: controller.signal })
    const staying = watch(limiter.acquire(call(), quiet()))
    const reason = new Error('enough')
    controller.abort(reason)
    await expect(leaving).rejects.toBe(reason)
    running.settle(null)
    await clock.pass(0)
    expect(staying.permit).not.toBeNull()
    expect((await limiter.status())[0]).toMatchObject({ running: 1, waiting: 0 })
  })

  it(`${name} refuses whoever has left before`, async () => {
    const { limiter } = open()
    const signal = AbortSignal.abort(new Error('gone'))
    await expect(limiter.acquire(call(), { signal })).rejects.toThrow('gone')
  })

  it(`${name} refuses more than may wait`, async () => {
    const { limiter } = open({ concurrent: 1 }, 2)
    await limiter.acquire(call(), quiet())
    enter(limiter, call(), () => {})
    enter(limiter, call(), () => {})
    await expect(limiter.acquire(call(), quiet())).rejects.toMatchObject({ code: 'queue-full' })
  })

  it(`${name} limits each key and model by itself`, async () => {
    const { limiter } = open({ concurrent: 1 })
    await limiter.acquire(call(), quiet())
    for (const lane of [
      { ...LANE, key: 'another' },
      { ...LANE, model: 'another' },
      { ...LANE, provider: 'another' },
    ]) {
      expect((await limiter.acquire(call({ lane }), quiet())).waitedMs).toBe(0)
    }
  })

  it(`${name} exceeds no limit in any minute, and leaves little of it unused`, async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.record({
          requests: fc.integer({ min: 20, max: 400 }),
          tokens: fc.integer({ min: 2_000, max: 20_000 }),
          size: fc.integer({ min: 1, max: 50 }),
          durations: fc.array(fc.integer({ min: 1, max: 3_000 }), { minLength: 1, maxLength: 10 }),
        }),
        async ({ requests, tokens, size, durations }) => {
          const { limiter, clock } = open({ requests, tokens })
          const started: number[] = []
          const calls = Math.ceil(Math.min(requests, tokens / size) * 2.5)
          for (let index = 0; index < calls; index += 1) {
            enter(limiter, call({ inputTokens: size, conversationId: `${index % 7}` }), (permit) => {
              started.push(clock.now())
              const duration = durations[index % durations.length] ?? 1
              clock.at(clock.now() + duration, () => permit.settle({ inputTokens: size, outputTokens: 0 }))
            })
          }
          await clock.pass(4 * MINUTE_MS)
          expect(started).toHaveLength(calls)
          const most = Math.floor(Math.min(requests, tokens / size))
          for (const [index, time] of started.entries()) {
            const within = started.slice(index).findIndex((other) => other - time >= MINUTE_MS)
            expect(within === -1 ? started.length - index : within).toBeLessThanOrEqual(most)
          }
          const least = Math.floor(most * (1 - GIVEN_AWAY)) - 1
          const end = (started[0] ?? 0) + MINUTE_MS * 1.05
          expect(started.filter((time) => time < end).length).toBeGreaterThanOrEqual(least)
        },
      ),
      { numRuns: 30 },
    )
  })

  function open(limits: Partial<Limits> = {}, queueMax?: number): { limiter: Limiter; clock: VirtualClock } {
    const clock = createVirtualClock()
    return { limiter: make({ ...UNLIMITED, ...limits }, clock, queueMax), clock }
  }
}

function call(given: Partial<PermitRequest> = {}): PermitRequest {
  const priority: Priority = 'batch'
  return { lane: LANE, priority, conversationId: 'cnv', inputTokens: 1, outputTokens: 0, ...given }
}

function quiet() {
  return { signal: new AbortController().signal }
}

/** What is asked for and never comes is no failure of a test. */
function watch(promise: Promise<Permit>): { readonly permit: Permit | null } {
  const seen: { permit: Permit | null } = { permit: null }
  promise.then(
    (permit) => {
      seen.permit = permit
    },
    () => {},
  )
  return seen
}

/** Goes through as soon as it may. */
function enter(limiter: Limiter, request: PermitRequest, onGo: (permit: Permit) => void): void {
  limiter.acquire(request, quiet()).then(
    (permit) => {
      onGo(permit)
      if (onGo.length === 0) permit.settle(request)
    },
    () => {},
  )
}
