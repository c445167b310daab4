import { expect, it } from 'vitest'
import { createMemoryLimiter } from '../../../daemon/limits/memory-limiter.ts'
import { LANE, testLimiter, UNLIMITED } from '../../contracts/limiter.ts'

testLimiter('createMemoryLimiter()', (limits, clock, queueMax) =>
  createMemoryLimiter({ limitsOf: () => limits, clock, ...(queueMax === undefined ? {} : { queueMax }) }),
)

it('createMemoryLimiter() goes by the limits of now', async () => {
  let concurrent = 1
  const limiter = createMemoryLimiter({ limitsOf: () => ({ ...UNLIMITED, concurrent }) })
  const call = { lane: LANE, priority: 'batch', conversationId: 'cnv', inputTokens: 1, outputTokens: 1 } as const
  const { signal } = new AbortController()
  await limiter.acquire(call, { signal })
  concurrent = 2
  await limiter.acquire(call, { signal })
  expect((await limiter.status())[0]).toMatchObject({ running: 2, limits: { concurrent: 2 } })
})
