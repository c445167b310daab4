// Calls of the daemon's operations, which start it when it is not there.

import type { IncomingMessage } from 'node:http'
import { type ErrorInfo, fromErrorInfo, isErrorCode, NatterError } from '../protocol/errors.ts'
import type { Paths } from '../protocol/paths.ts'
import type { Call, Operation } from '../protocol/schema/operations.ts'
import { isAbsent, isBroken, readText, send } from './http.ts'
import { ensureDaemon, knownSocket } from './launcher.ts'

export interface Client {
  readonly paths: Paths
  /** Throws the daemon's NatterError. A call that finds no daemon starts one and is made again. */
  readonly call: Call
  /** The raw event stream; its status is 200. */
  openEvents(query: string, lastSeq: number | null, signal: AbortSignal): Promise<IncomingMessage>
}

/** A daemon that has to be started gets what it may have of `env`. */
export function createClient(paths: Paths, env: NodeJS.ProcessEnv): Client {
  let socket = knownSocket(paths)
  // The contract's types are for the callers; inside, a call is text that goes out and comes back.
  return { paths, call: call as Call, openEvents }

  async function call(operation: Operation, request: unknown, signal?: AbortSignal): Promise<unknown> {
    const body = JSON.stringify(request)
    const answer = await reach((socketPath) =>
      send(socketPath, {
        method: 'POST',
        path: `/api/${operation}`,
        body,
        ...(signal === undefined ? {} : { signal }),
      }),
    )
    const text = await readText(answer)
    if (answer.statusCode === 200) return JSON.parse(text)
    throw toFailure(operation, answer.statusCode ?? 0, text)
  }

  async function openEvents(query: string, lastSeq: number | null, signal: AbortSignal): Promise<IncomingMessage> {
    const answer = await reach((socketPath) =>
      send(socketPath, {
        method: 'GET',
        path: `/api/events?${query}`,
        headers: lastSeq === null ? {} : { 'last-event-id': String(lastSeq) },
        signal,
      }),
    )
    if (answer.statusCode === 200) return answer
    throw toFailure('events', answer.statusCode ?? 0, await readText(answer))
  }

  /** Every operation may be repeated: starts carry their own id, the rest is idempotent. */
  async function reach(attempt: (socketPath: string) => Promise<IncomingMessage>): Promise<IncomingMessage> {
    if (socket !== null) {
      try {
        return await attempt(socket)
      } catch (error) {
        if (!isAbsent(error) && !isBroken(error)) throw error
      }
    }
    socket = await ensureDaemon(paths, env)
    try {
      return await attempt(socket)
    } catch (cause) {
      if (!isAbsent(cause) && !isBroken(cause)) throw cause
      throw new NatterError('daemon-unreachable', 'Cannot reach natterd: it went away twice', {
        hint: 'Run "natter daemon logs" to see why',
        cause,
      })
    }
  }
}

function toFailure(operation: string, status: number, text: string): NatterError {
  try {
    const { error } = JSON.parse(text) as { error: ErrorInfo }
    if (isErrorCode(error.code)) return fromErrorInfo(error)
  } catch {
    // Not our daemon's words; said below.
  }
  return new NatterError('daemon-unreachable', `Cannot run ${operation}: natterd answered ${status} without a reason`, {
    hint: 'Run "natter daemon restart"',
  })
}
