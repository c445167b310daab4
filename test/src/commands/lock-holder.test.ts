import { expect, it } from 'vitest'
import { findHolder } from '../../../src/commands/natterd/lock-holder.ts'

const LOCKS = `1: POSIX  ADVISORY  READ  900 08:01:131 128 128
2: POSIX  ADVISORY  WRITE 1234 08:01:131 1073741824 1073742335
3: FLOCK  ADVISORY  WRITE 77 00:2f:4242 0 EOF
3: -> FLOCK  ADVISORY  WRITE 78 00:2f:4242 0 EOF
4: OFDLCK ADVISORY  WRITE -1 00:2f:555 0 EOF
`

it.each([
  [131, 1234],
  [4242, 77],
  [555, 'unknown'],
  [13, null],
])('findHolder() of inode %i is %s', (inode, holder) => {
  expect(findHolder(LOCKS, inode)).toBe(holder)
})
