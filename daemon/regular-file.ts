// Reading a file of the user's that may be anything: what never ends or never begins is refused, not waited for.

import { closeSync, constants, fstatSync, openSync, readFileSync } from 'node:fs'

/** Its text; throws, in words, where it is no regular file or has more than `maxBytes`. */
export function readRegularFile(path: string, maxBytes: number): string {
  // Without it, opening a pipe waits for somebody to write into it. Windows has no such thing.
  const descriptor = openSync(path, constants.O_RDONLY | (constants.O_NONBLOCK ?? 0))
  try {
    const stat = fstatSync(descriptor)
    if (!stat.isFile()) throw new Error('it is not a regular file')
    if (stat.size > maxBytes) throw new Error(`it has ${stat.size} bytes, at most ${maxBytes} are read`)
    return readFileSync(descriptor, 'utf8')
  } finally {
    closeSync(descriptor)
  }
}
