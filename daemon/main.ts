// natterd's first steps: the lock before everything else, so that whoever loses the race is gone in no time.

import { chmodSync, mkdirSync } from 'node:fs'
import { homedir, tmpdir } from 'node:os'
import { toErrorInfo } from '../src/protocol/errors.ts'
import { LOCK_FILE } from '../src/protocol/hello.ts'
import { resolvePaths } from '../src/protocol/paths.ts'
import { acquireLock } from './store/lock.ts'

/** Of sysexits.h: an internal software error; a supervisor may start it again. */
const EXIT_SOFTWARE = 70

/** Within that of the first signal a second one does not mean it, in milliseconds. */
const SAME_WISH_MS = 1_000

const HELP = `Usage: natterd [--service]

The daemon behind natter; commands start it when they need it.
  --service  stay in the foreground for a supervisor and never leave by itself
  --help     print this
`

const EXIT_USAGE = 2

process.umask(0o077)
readArguments(process.argv.slice(2))
try {
  await main()
} catch (error) {
  const { message, hint } = toErrorInfo(error)
  process.stderr.write(`${hint === null ? message : `${message}\n${hint}`}\n`)
  process.exit(EXIT_SOFTWARE)
}

/** Whoever asks something else than to serve is answered before anything is touched. */
function readArguments(args: readonly string[]): void {
  const unknown = args.find((arg) => arg !== '--service' && arg !== '--help')
  if (unknown !== undefined) {
    process.stderr.write(`natterd: unknown option "${unknown}"\n  See "natterd --help"\n`)
    process.exit(EXIT_USAGE)
  }
  if (!args.includes('--help')) return
  process.stdout.write(HELP)
  process.exit(0)
}

async function main(): Promise<void> {
  const paths = resolvePaths({
    env: process.env,
    platform: process.platform,
    uid: process.getuid?.() ?? 0,
    home: homedir(),
    temporary: tmpdir(),
  })
  mkdirSync(paths.state, { recursive: true, mode: 0o700 })
  chmodSync(paths.state, 0o700)
  const lock = acquireLock(`${paths.state}/${LOCK_FILE}`)
  // Another daemon rules here: that is what was wanted.
  if (lock === null) return
  const { startDaemon } = await import('./daemon.ts')
  const daemon = await startDaemon(paths, { service: process.argv.includes('--service') })
  let stoppedAt: number | null = null
  const stop = () => {
    // Sooner it is the same wish: a supervisor tells the whole group, and a launcher passes it on.
    if (stoppedAt !== null && performance.now() - stoppedAt > SAME_WISH_MS) process.exit(EXIT_SOFTWARE)
    stoppedAt ??= performance.now()
    daemon.stop({ drain: true })
  }
  // A package behind conf's atomic writes answers each signal by sending it again, which would pass for a second one.
  for (const signal of ['SIGTERM', 'SIGINT', 'SIGHUP'] as const) process.removeAllListeners(signal)
  process.on('SIGTERM', stop)
  process.on('SIGINT', stop)
  process.on('SIGHUP', () => {})
  process.on('uncaughtException', (error) => crash(error))
  process.on('unhandledRejection', (error) => crash(error))
  await daemon.stopped
  lock[Symbol.dispose]()
  process.exit(0)

  /** What is running is saved by its next tick and ended as interrupted at the next start. */
  function crash(error: unknown): void {
    daemon.log.fatal({ err: error }, 'natterd failed')
    daemon.stop({ drain: false })
    setTimeout(() => process.exit(EXIT_SOFTWARE), 1_000)
  }
}
