// Which processes rule a home, as the kernel sees it; on systems without /proc, as daemon.json says.

import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { LOG_FILE } from '../../src/protocol/hello.ts'
import { type Home, isAlive, NATTERD } from './home.ts'

/** Pids of all natterd processes of that home, those included that only just began. */
export function daemonsOf(home: Home): readonly number[] {
  const named = home.daemon()?.pid ?? 0
  if (!existsSync('/proc')) return named > 0 && isAlive(named) ? [named] : []
  return processes().filter((pid) => {
    const command = read(`/proc/${pid}/cmdline`)
    return command.includes('natterd.js') && read(`/proc/${pid}/environ`).includes(`NATTER_HOME=${home.directory}\0`)
  })
}

function processes(): readonly number[] {
  return readdirSync('/proc')
    .map(Number)
    .filter((pid) => pid > 0 && isAlive(pid))
}

/** Ended meanwhile, or another user's: none of ours. */
function read(file: string): string {
  try {
    return readFileSync(file, 'utf8')
  } catch {
    return ''
  }
}

/** How many daemons took the lock and listened so far. */
export function startsOf(home: Home): number {
  return read(`${home.paths.state}/${LOG_FILE}`).split('"natterd started"').length - 1
}

/** A daemon started past the client's launcher; where another rules it ends at once with code 0. */
export function spawnDaemon(home: Home): ChildProcess {
  return spawn(process.execPath, [NATTERD], { env: home.env, stdio: 'ignore' })
}

export async function exitCodeOf(child: ChildProcess): Promise<number | null> {
  if (child.exitCode === null && child.signalCode === null) await once(child, 'exit')
  return child.exitCode
}
