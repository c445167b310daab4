// What a daemon said that could not start.

import { readFileSync } from 'node:fs'
import type { Paths } from '../../protocol/paths.ts'

/** Its first line; null where it said nothing. */
export function startFailure(paths: Paths): string | null {
  try {
    const [line = ''] = readFileSync(`${paths.state}/natterd.out`, 'utf8').trim().split('\n')
    return line === '' ? null : line
  } catch {
    // None was ever started.
    return null
  }
}
