// Where the cursor cannot be moved, the text is printed as it comes.

import { expect, it } from 'vitest'
import { createPlainStream } from '../../../src/render/plain-stream.ts'

it('createPlainStream() prints the safe text as it comes and ends its last line', async () => {
  const writes: string[] = []
  const stream = createPlainStream({ write: (text) => writes.push(text) })
  for (const delta of ['# T', '\r', '\n**b**\x1b]0;x', '\x07']) stream.push(delta)
  await stream.end()
  stream.push('late')
  stream.abort()
  expect(writes.join('')).toBe('# T\n**b**]0;x\n')
  expect(writes[0]).toBe('# T')
})
