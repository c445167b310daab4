import { createMemoryLimiter } from '../../../daemon/limits/memory-limiter.ts'
import { testLimiter } from '../../contracts/limiter.ts'

testLimiter('createMemoryLimiter()', (limits, clock, queueMax) =>
  createMemoryLimiter({ limitsOf: () => limits, clock, ...(queueMax === undefined ? {} : { queueMax }) }),
)
