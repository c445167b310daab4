// A test fails on what a process would only mumble: warnings and unhandled rejections.

import { afterAll } from 'vitest'

const warnings: Error[] = []
process.on('warning', (warning) => warnings.push(warning))

afterAll(() => {
  if (warnings.length > 0) throw new AggregateError(warnings, `Process warnings: ${warnings.map(String).join('; ')}`)
})
