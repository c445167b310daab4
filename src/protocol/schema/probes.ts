// What the daemon tells without an operation: who it is, and whether it is well.

import { countSchema } from './scalars.ts'
import { object } from './shapes.ts'

/** The answer of `GET /api/hello`; its type is `Hello`. */
export const helloSchema = object({
  protocol: countSchema,
  version: { type: 'string' },
  build: { type: 'string' },
} as const)

/** The answer of `GET /health`. */
export const healthSchema = object({
  status: { const: 'ok' },
  storage: { enum: ['ok', 'full', 'suspect'] },
  activeTurns: countSchema,
  pid: countSchema,
} as const)
