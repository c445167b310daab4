// What the framework refuses, in our words.

import { expect, it } from 'vitest'
import { fromFramework } from '../../../daemon/server/refusals.ts'

it('fromFramework() says of a body that is too large how large it may be as JSON, and what makes it larger', () => {
  const error = Object.assign(new Error('Request body is too large'), {
    statusCode: 413,
    code: 'X',
    name: 'FastifyError',
  })
  expect(fromFramework(error, '/api/turns.start', 'See elsewhere')).toMatchObject({
    code: 'too-large',
    message: 'Cannot read request of /api/turns.start: it is larger than 28 MB as JSON',
    hint: expect.stringContaining('JSON writes a line end as two bytes, other control characters as six'),
  })
})
