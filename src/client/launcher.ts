// Finding the daemon, and starting or replacing it.

import { readFileSync, statfsSync } from 'node:fs'
import { NatterError } from '../protocol/errors.ts'
import { DAEMON_FILE, type DaemonFile, type Hello, PROTOCOL } from '../protocol/hello.ts'
import type { Paths } from '../protocol/paths.ts'
import type { ResponseOf } from '../protocol/schema/operations.ts'
import { buildOnDisk, ourBuild } from './build.ts'
import { returnTicket, type StartedDaemon, startDaemon } from './daemon-process.ts'
import { readText, send } from './http.ts'
import { busyStranger, upgradedMeanwhile } from './other-protocol.ts'
import { createPatience, yieldedMs } from './patience.ts'

/** How long a daemon may take to answer, in milliseconds; twenty started at once on two slow cores need seconds. */
const START_LIMIT_MS = 15_000
const HELLO_LIMIT_MS = 2_000
/** An empty database with its journal takes about a third of it. */
const NEEDED_BYTES = 1_000_000

const RIVAL = 'the one before still ends its answers\nTry again in a moment, or run "natter daemon stop"'
const WAITS_FOR_START = 'waiting for natterd to start'
/** What is left to it where it answers no more and holds the lock. */
export const WAITS_FOR_END = 'waiting for natterd to end its answers and start again'

/** The socket of a daemon of this build, if there seems to be one: nobody was asked yet. */
export function knownSocket(paths: Paths): string | null {
  const file = readDaemonFile(paths)
  return file !== null && file.build === ourBuild().build ? file.socket : null
}

/** The socket of a daemon that answers and understands us, started or replaced if need be; `note` hears of a long wait. */
export async function ensureDaemon(
  paths: Paths,
  env: NodeJS.ProcessEnv,
  note: (text: string) => void = () => {},
): Promise<string> {
  const patience = createPatience(note)
  let started: StartedDaemon | null = null
  let rival = false
  for (;;) {
    const socket = readDaemonFile(paths)?.socket ?? paths.socket
    const hello = await askHello(socket)
    if (hello !== null && (await suits(hello, socket))) {
      if (started !== null) returnTicket(paths)
      return socket
    }
    if (hello === null) started ??= tryStart(paths, env)
    const failure = started?.failure() ?? null
    if (failure !== null) {
      returnTicket(paths)
      throw startFailure(paths, failure)
    }
    const yielded = started?.yielded() === true
    if (yielded) {
      returnTicket(paths)
      started = null
      rival = true
    }
    if (patience.waitedMs > START_LIMIT_MS) throw startFailure(paths, rival ? RIVAL : '')
    await patience.pause(rival ? WAITS_FOR_END : WAITS_FOR_START, yielded ? yieldedMs(patience.waitedMs) : 0)
  }
}

/** What the daemon says of itself; null where nobody answers in time. */
export async function askHello(socket: string): Promise<Hello | null> {
  try {
    const answer = await send(socket, {
      method: 'GET',
      path: '/api/hello',
      signal: AbortSignal.timeout(HELLO_LIMIT_MS),
    })
    return JSON.parse(await readText(answer)) as Hello
  } catch {
    return null
  }
}

export function readDaemonFile(paths: Paths): DaemonFile | null {
  try {
    return JSON.parse(readFileSync(`${paths.state}/${DAEMON_FILE}`, 'utf8')) as DaemonFile
  } catch {
    return null
  }
}

/** An idle daemon of another build is asked to go and replaced; a busy one is used, if it speaks our protocol. */
async function suits(hello: Hello, socket: string): Promise<boolean> {
  if (hello.build === ourBuild().build) return true
  // Upgraded under this process: whatever would be started in its place is the same again.
  const isNewest = hello.build === buildOnDisk().build
  const isUnderstood = hello.protocol === PROTOCOL
  if (isNewest && !isUnderstood) throw upgradedMeanwhile()
  if (isNewest) return true
  const busy = await sendAway(socket)
  if (busy === null) return false
  if (isUnderstood) return true
  throw busyStranger(hello, busy)
}

/** How many answers keep it; null: it leaves. */
async function sendAway(socket: string): Promise<number | null> {
  try {
    const answer = await send(socket, { method: 'POST', path: '/api/shutdown', body: '{"onlyIfIdle":true}' })
    const { stopping, activeTurns } = JSON.parse(await readText(answer)) as ResponseOf<'shutdown'>
    return stopping ? null : activeTurns
  } catch {
    // It left while it was asked.
    return null
  }
}

function tryStart(paths: Paths, env: NodeJS.ProcessEnv): StartedDaemon | null {
  try {
    return startDaemon(paths, env)
  } catch (cause) {
    if ((cause as NodeJS.ErrnoException).code === 'ENOSPC') throw fullDisk(paths)
    const reason = cause instanceof Error ? cause.message : String(cause)
    throw new NatterError('daemon-unreachable', `Cannot start natterd: ${reason}`, {
      hint: `See that "${paths.state}" is yours and can be written, or set NATTER_HOME`,
      cause,
    })
  }
}

/** A daemon that cannot start says why in one line, and what to do in another; a crash of Node says more. */
function startFailure(paths: Paths, output: string): NatterError {
  const lines = output.split('\n')
  const [reason = '', hint] = lines.length <= 2 ? lines : [lines.find((line) => /^\w*Error\b/.test(line)) ?? lines[0]]
  // With no room left it cannot write why it failed either.
  if (reason === '' && isFull(paths.state)) return fullDisk(paths)
  return new NatterError(
    'daemon-unreachable',
    `Cannot start natterd: ${reason === '' ? 'it did not answer in time' : reason}`,
    { hint: hint ?? `Run "natter doctor", or see the logs in "${paths.state}"` },
  )
}

function isFull(directory: string): boolean {
  try {
    const { bavail, bsize } = statfsSync(directory)
    return bavail * bsize < NEEDED_BYTES
  } catch {
    // Nothing is known of it, so nothing is said.
    return false
  }
}

function fullDisk({ state }: Paths): NatterError {
  return new NatterError('daemon-unreachable', `Cannot start natterd: the disk of "${state}" is full`, {
    hint: 'Free some space, or set NATTER_HOME to a folder elsewhere',
  })
}
