// natter daemon start, stop and restart.

import { setTimeout as delay } from 'node:timers/promises'
import { ensureDaemon } from '../../client/launcher.ts'
import { NatterError } from '../../protocol/errors.ts'
import type { CommandContext } from '../context.ts'
import { count } from '../print.ts'
import { findRunning, isAlive, type RunningDaemon } from '../running-daemon.ts'
import { lockHolder } from './lock-holder.ts'

const POLL_MS = 20
/** Beyond its own limit a daemon has this long to save and go. */
const GRACE_MS = 20_000
const DRAIN_SECONDS = 10

interface StopOptions {
  readonly now?: boolean
}

export async function start(context: CommandContext): Promise<void> {
  const before = await findRunning(context.paths)
  await ensureDaemon(context.paths, context.env)
  const after = await findRunning(context.paths)
  const isSame = before !== null && before.pid === after?.pid
  context.note(`natterd ${after?.hello.version ?? ''} ${isSame ? 'runs already' : 'started'}, pid ${after?.pid ?? '?'}`)
}

export async function stop(context: CommandContext, options: StopOptions): Promise<void> {
  const wasThere = await stopAny(context, options)
  context.note(wasThere ? 'natterd stopped' : 'natterd is not running')
}

export async function restart(context: CommandContext, options: StopOptions): Promise<void> {
  await stopAny(context, options)
  await start(context)
}

/** False where there was none. Resolves when its process is gone. */
async function stopAny(context: CommandContext, { now = false }: StopOptions): Promise<boolean> {
  const daemon = await findRunning(context.paths)
  if (daemon !== null) {
    await stopRunning(context, daemon, now)
    return true
  }
  const holder = await lockHolder(context.paths)
  if (holder === null || holder === 'unknown') return false
  context.note(`natterd (pid ${holder}) does not answer: waiting for it to go`)
  await waitUntilGone(context, holder, GRACE_MS)
  return true
}

async function stopRunning(context: CommandContext, daemon: RunningDaemon, now: boolean): Promise<void> {
  const { signal, note } = context
  const patienceMs = now ? GRACE_MS : (await drainLimit(daemon, signal)) + GRACE_MS
  const pid = daemon.pid ?? (await daemon.call('status', {}, signal)).pid
  const { activeTurns } = await daemon.call('shutdown', { drain: !now }, signal)
  if (activeTurns > 0 && !now) note(`waiting for ${count(activeTurns, 'answer')} to end; --now interrupts`)
  await waitUntilGone(context, pid, patienceMs)
}

async function drainLimit(daemon: RunningDaemon, signal: AbortSignal): Promise<number> {
  const { value } = await daemon
    .call('config.get', { name: 'daemon.drainSeconds' }, signal)
    .catch(() => ({ value: null }))
  return 1_000 * (typeof value === 'number' ? value : DRAIN_SECONDS)
}

async function waitUntilGone({ signal }: CommandContext, pid: number, patienceMs: number): Promise<void> {
  const deadline = Date.now() + patienceMs
  while (await isAlive(pid)) {
    if (Date.now() > deadline) throw isStuck(pid, patienceMs)
    await delay(POLL_MS, undefined, { signal })
  }
}

function isStuck(pid: number, patienceMs: number): NatterError {
  const seconds = Math.round(patienceMs / 1_000)
  return new NatterError('timeout', `Cannot stop natterd: process ${pid} is still there after ${seconds} s`, {
    hint: `Run "kill -9 ${pid}"; what was said until now is kept`,
  })
}
