// Talking to the daemon only where one runs: what asks after it must not start it.

import { connect } from 'node:net'
import { readText, send } from '../client/http.ts'
import { askHello, readDaemonFile } from '../client/launcher.ts'
import { busyStranger } from '../client/other-protocol.ts'
import { type ErrorInfo, fromErrorInfo } from '../protocol/errors.ts'
import { type DaemonFile, type Hello, PROTOCOL } from '../protocol/hello.ts'
import type { Paths } from '../protocol/paths.ts'
import type { Call, Operation } from '../protocol/schema/operations.ts'

export interface RunningDaemon {
  readonly hello: Hello
  /** Null where the file is gone though somebody answers. */
  readonly pid: number | null
  readonly socket: string
  readonly call: Call
}

/** The daemon that answers now; null where none does. */
export async function findRunning(paths: Paths): Promise<RunningDaemon | null> {
  const file: DaemonFile | null = readDaemonFile(paths)
  const socket = file?.socket ?? paths.socket
  const hello = await askHello(socket)
  if (hello === null) return null
  const call = (operation: Operation, request: unknown, signal?: AbortSignal) =>
    callSocket(socket, operation, request, signal)
  return { hello, pid: file?.pid ?? null, socket, call: call as Call }
}

/** Whether it speaks our protocol. Throws where it does not and is busy; idle, the next command that needs it replaces it. */
export async function isUnderstood({ hello, call }: RunningDaemon): Promise<boolean> {
  if (hello.protocol === PROTOCOL) return true
  const { activeTurns } = await call('status', {})
  if (activeTurns === 0) return false
  throw busyStranger(hello, activeTurns)
}

/** Whether somebody is there at all, even if it is stopped or stuck and says nothing: the kernel connects for it. */
export function isListening(paths: Paths): Promise<boolean> {
  const socket = connect(readDaemonFile(paths)?.socket ?? paths.socket)
  return new Promise((resolve) => {
    const answer = (listens: boolean) => {
      socket.destroy()
      resolve(listens)
    }
    socket.once('connect', () => answer(true))
    socket.once('error', () => answer(false))
  })
}

async function callSocket(
  socket: string,
  operation: Operation,
  request: unknown,
  signal: AbortSignal | undefined,
): Promise<unknown> {
  const answer = await send(socket, {
    method: 'POST',
    path: `/api/${operation}`,
    body: JSON.stringify(request),
    ...(signal === undefined ? {} : { signal }),
  })
  const value = JSON.parse(await readText(answer)) as { error?: ErrorInfo }
  if (answer.statusCode !== 200 && value.error !== undefined) throw fromErrorInfo(value.error)
  return value
}

/** Whether a process of ours is still there; one that has ended and waits to be collected is not. */
export async function isAlive(pid: number): Promise<boolean> {
  try {
    process.kill(pid, 0)
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM'
  }
  if (process.platform !== 'linux') return true
  const { readFile } = await import('node:fs/promises')
  const stat = await readFile(`/proc/${pid}/stat`, 'utf8').catch(() => '')
  return stat !== '' && !/^\d+ \(.*\) [ZX] /s.test(stat)
}
