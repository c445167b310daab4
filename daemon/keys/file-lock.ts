// A lock between processes: a file that only one can create and that dies with its holder.

import { randomUUID } from 'node:crypto'
import { link, open, readFile, rename, rm, stat } from 'node:fs/promises'
import { setTimeout as sleep } from 'node:timers/promises'
import { NatterError } from '../../src/protocol/errors.ts'

const WAIT_MS = 10_000
/** Nobody holds it that long: its process ended and another one has got the same number. */
const STALE_MS = 60_000

/** Runs `work` while no other process holds the lock. Held for milliseconds only; a dead holder's lock is taken over. */
export async function withFileLock<Result>(path: string, work: () => Promise<Result>): Promise<Result> {
  const mine = `${process.pid} ${randomUUID()}`
  await acquire(path, mine)
  try {
    return await work()
  } finally {
    await rm(path, { force: true })
  }
}

async function acquire(path: string, mine: string): Promise<void> {
  const deadline = performance.now() + WAIT_MS
  while (!(await create(path, mine))) {
    await removeDead(path)
    if (performance.now() > deadline) {
      throw new NatterError(
        'storage-failed',
        `Cannot lock "${path}": another process has held it for ${WAIT_MS / 1000} s`,
        {
          hint: `Remove "${path}" if no natter is running`,
        },
      )
    }
    await sleep(5 + Math.random() * 20)
  }
}

/** Written aside and linked, so that the lock never exists without its holder's name in it. */
async function create(path: string, mine: string): Promise<boolean> {
  const aside = `${path}.${randomUUID()}`
  const handle = await open(aside, 'wx', 0o600)
  try {
    await handle.writeFile(mine)
    await link(aside, path)
    return true
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') return false
    throw error
  } finally {
    await handle.close()
    await rm(aside, { force: true })
  }
}

async function removeDead(path: string): Promise<void> {
  const holder = await readFile(path, 'utf8').catch(() => null)
  if (holder === null) return
  const made = (await stat(path).catch(() => null))?.mtimeMs ?? Date.now()
  if (isAlive(Number.parseInt(holder, 10)) && Date.now() - made < STALE_MS) return
  const aside = `${path}.${randomUUID()}`
  try {
    await rename(path, aside)
  } catch {
    return // Somebody else took it away.
  }
  // Between reading and renaming, somebody else may have taken it over: then it goes back.
  if ((await readFile(aside, 'utf8').catch(() => holder)) !== holder) await link(aside, path).catch(() => {})
  await rm(aside, { force: true })
}

function isAlive(pid: number): boolean {
  if (!(pid > 0)) return false
  try {
    process.kill(pid, 0)
    return true
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM'
  }
}
