// Who holds the daemon's lock, as the kernel knows it.

import { readFile, stat } from 'node:fs/promises'
import { LOCK_FILE } from '../../protocol/hello.ts'
import type { Paths } from '../../protocol/paths.ts'

/** A pid; null: nobody; `unknown` where the kernel does not tell (only Linux does). */
export async function lockHolder(paths: Paths): Promise<number | null | 'unknown'> {
  try {
    const locks = await readFile('/proc/locks', 'utf8')
    const { ino } = await stat(`${paths.state}/${LOCK_FILE}`)
    return findHolder(locks, ino)
  } catch (error) {
    const { code, path } = error as NodeJS.ErrnoException
    return code === 'ENOENT' && path?.endsWith(LOCK_FILE) === true ? null : 'unknown'
  }
}

/** Lines such as `3: POSIX  ADVISORY  WRITE 1234 08:01:131102 1073741824 1073742335`: https://man7.org/linux/man-pages/man5/proc_locks.5.html */
export function findHolder(locks: string, inode: number): number | null | 'unknown' {
  for (const line of locks.split('\n')) {
    const match = /^\d+: \S+ +\S+ +WRITE (-?\d+) [0-9a-f]+:[0-9a-f]+:(\d+) /.exec(line)
    if (match === null || Number(match[2]) !== inode) continue
    const pid = Number(match[1])
    // A process of another pid namespace has no number here.
    return pid > 0 ? pid : 'unknown'
  }
  return null
}
