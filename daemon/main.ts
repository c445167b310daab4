// natterd's first steps: the lock before everything else, so that whoever loses the race is gone in no time.

import { chmodSync, mkdirSync, readFileSync } from 'node:fs'
import { homedir, tmpdir } from 'node:os'
import { toErrorInfo } from '../src/protocol/errors.ts'
import { DAEMON_FILE, type DaemonFile, LOCK_FILE } from '../src/protocol/hello.ts'
import { type Paths, resolvePaths } from '../src/protocol/paths.ts'
import { acquireLock } from './store/lock.ts'

/** Of sysexits.h: an internal software error; a supervisor may start it again. */
const EXIT_SOFTWARE = 70
/** Of sysexits.h: it cannot be now, and may be later. */
const EXIT_TEMPORARY = 75

/** Within that of the first signal a second one does not mean it, in milliseconds. */
const SAME_WISH_MS = 1_000

const HELP = `Usage: natterd [--service]

The daemon behind natter; commands start it when they need it.
  --service  stay in the foreground for a supervisor and never leave by itself
  --version  print the version
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
  const unknown = args.find((arg) => arg !== '--service' && arg !== '--version' && arg !== '--help')
  if (unknown !== undefined) {
    process.stderr.write(`natterd: unknown option "${unknown}"\n  See "natterd --help"\n`)
    process.exit(EXIT_USAGE)
  }
  if (args.includes('--help')) answer(HELP)
  if (args.includes('--version')) answer(`${ownVersion()}\n`)
}

function answer(text: string): never {
  process.stdout.write(text)
  process.exit(0)
}

function ownVersion(): string {
  const text = readFileSync(new URL('../build.json', import.meta.url), 'utf8')
  return (JSON.parse(text) as { version: string }).version
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
  const service = process.argv.includes('--service')
  if (lock === null) return yieldTo(paths, service)
  const { startDaemon } = await import('./daemon.ts')
  const daemon = await startDaemon(paths, { service })
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

/** That another daemon rules is what a command wanted; a supervisor would take it for one that ended well. */
function yieldTo(paths: Paths, service: boolean): void {
  const ruler = readRuler(paths)
  const who = ruler === null ? 'it is just starting or stopping' : `process ${ruler.pid}, socket "${ruler.socket}"`
  const hint = service ? '  Run "natter daemon stop" first\n' : ''
  process.stderr.write(`natterd: another natterd rules in "${paths.state}": ${who}\n${hint}`)
  if (service) process.exitCode = EXIT_TEMPORARY
}

function readRuler(paths: Paths): DaemonFile | null {
  try {
    return JSON.parse(readFileSync(`${paths.state}/${DAEMON_FILE}`, 'utf8')) as DaemonFile
  } catch {
    // Written once it listens, removed when it begins to stop.
    return null
  }
}
