// Starting a daemon: detached, with a clean environment and its own log.

import { type ChildProcess, spawn } from 'node:child_process'
import { closeSync, existsSync, mkdirSync, openSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { dirname } from 'node:path'
import { fileURLToPath } from 'node:url'
import type { Paths } from '../protocol/paths.ts'
import { namedVariables } from './named-variables.ts'

/** What a daemon may inherit: where things are and how to speak, never loaders or preloads, nor keys unless config.json names them. */
const INHERITED = [
  'PATH',
  'HOME',
  'USER',
  'LOGNAME',
  'SHELL',
  'LANG',
  'TZ',
  'TMPDIR',
  'TEMP',
  'NATTER_HOME',
  'NATTER_DISCOVER',
  'DBUS_SESSION_BUS_ADDRESS',
  'DISPLAY',
  'SSH_AUTH_SOCK',
  'SSL_CERT_FILE',
  'SSL_CERT_DIR',
  'NODE_EXTRA_CA_CERTS',
  'SYSTEMROOT',
  'APPDATA',
  'LOCALAPPDATA',
  'USERPROFILE',
]

/** No debugger at a signal, no environment in a crash report, and a young generation that fits a daemon's idle life. */
const NODE_FLAGS = [
  '--disable-sigusr1',
  '--report-exclude-env',
  '--disable-warning=ExperimentalWarning',
  '--max-semi-space-size=4',
]

/** How long one client's attempt keeps the others from starting daemons too, in milliseconds. */
const TICKET_MS = 3_000

export interface StartedDaemon {
  /** What it wrote before it ended, null while it lives or when it left the field to another. */
  failure(): string | null
  /** Whether it left the field to another, who may be about to leave as well. */
  yielded(): boolean
}

/**
 * Starts a daemon unless another client is just doing so. The ticket only saves work:
 * which daemon rules is decided by the daemon's own lock.
 */
export function startDaemon(paths: Paths, env: NodeJS.ProcessEnv): StartedDaemon | null {
  makeDirectory(paths.state)
  if (!takeTicket(`${paths.state}/daemon.starting`)) return null
  const output = `${paths.state}/natterd.out`
  const descriptor = openSync(output, 'w', 0o600)
  try {
    const child = spawn(process.execPath, [...NODE_FLAGS, entryPoint()], {
      cwd: '/',
      detached: true,
      env: cleanEnvironment(env, namedVariables(paths)),
      stdio: ['ignore', descriptor, descriptor],
    })
    child.unref()
    return watch(child, output)
  } finally {
    closeSync(descriptor)
  }
}

/** Node's own recursion never ends where a folder above can be seen and not be written to, as in /proc. */
function makeDirectory(path: string): void {
  try {
    mkdirSync(path, { mode: 0o700 })
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException
    if (code === 'EEXIST') return
    if (code !== 'ENOENT' || dirname(path) === path || existsSync(dirname(path))) throw error
    makeDirectory(dirname(path))
    mkdirSync(path, { mode: 0o700 })
  }
}

/** The next client that finds no daemon may start one at once. */
export function returnTicket(paths: Paths): void {
  rmSync(`${paths.state}/daemon.starting`, { force: true })
}

function takeTicket(file: string): boolean {
  try {
    if (Date.now() - statSync(file).mtimeMs > TICKET_MS) rmSync(file, { force: true })
  } catch {
    // No ticket is out.
  }
  try {
    writeFileSync(file, String(process.pid), { flag: 'wx', mode: 0o600 })
    return true
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') return false
    throw error
  }
}

function watch(child: ChildProcess, output: string): StartedDaemon {
  let end: 'failed' | 'yielded' | null = null
  child.on('exit', (code) => {
    end = code === 0 ? 'yielded' : 'failed'
  })
  child.on('error', () => {
    end = 'failed'
  })
  return {
    failure: () => (end === 'failed' ? readFileSync(output, 'utf8').trim() : null),
    yielded: () => end === 'yielded',
  }
}

function entryPoint(): string {
  return fileURLToPath(new URL('../../bin/natterd.js', import.meta.url))
}

function cleanEnvironment(env: NodeJS.ProcessEnv, named: readonly string[]): NodeJS.ProcessEnv {
  const inherited = new Set([...INHERITED, ...named])
  const clean: NodeJS.ProcessEnv = {}
  for (const [name, value] of Object.entries(env)) {
    if (inherited.has(name) || name.startsWith('XDG_') || name.startsWith('LC_')) clean[name] = value
  }
  return clean
}
