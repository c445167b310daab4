// Calls of the daemon's operations, which start it when it is not there.

import type { IncomingMessage } from 'node:http'
import { type ErrorInfo, fromErrorInfo, isErrorCode, NatterError } from '../protocol/errors.ts'
import type { Paths } from '../protocol/paths.ts'
import type { Call, Operation } from '../protocol/schema/operations.ts'
import { isAbsent, isBroken, readText, send } from './http.ts'
import { askHello, ensureDaemon, knownSocket, WAITS_FOR_END } from './launcher.ts'
import { createPatience } from './patience.ts'

/** How long an answer may take before the daemon is asked whether it lives, in milliseconds. */
const ALIVE_CHECK_MS = 5_000
/** How long a daemon may keep going away, in milliseconds. */
const REACH_LIMIT_MS = 15_000
const RETRY_MS = 50

export interface Client {
  readonly paths: Paths
  /** Throws the daemon's NatterError. A call that finds no daemon starts one and is made again. */
  readonly call: Call
  /** The raw event stream; its status is 200. */
  openEvents(query: string, lastSeq: number | null, signal: AbortSignal): Promise<IncomingMessage>
}

/** A daemon that has to be started gets what it may have of `env`; `note` hears what a call waits for when that lasts. */
export function createClient(paths: Paths, env: NodeJS.ProcessEnv, note: (text: string) => void = () => {}): Client {
  let socket = knownSocket(paths)
  // The contract's types are for the callers; inside, a call is text that goes out and comes back.
  return { paths, call: call as Call, openEvents }

  async function call(
    operation: Operation,
    request: unknown,
    signal?: AbortSignal,
    patience = createPatience(note),
  ): Promise<unknown> {
    const body = JSON.stringify(request)
    const { status, text } = await reach(async (socketPath, hung) => {
      const answer = await send(socketPath, {
        method: 'POST',
        path: `/api/${operation}`,
        body,
        signal: signal === undefined ? hung : AbortSignal.any([signal, hung]),
      })
      return { status: answer.statusCode ?? 0, text: await readText(answer) }
    })
    if (status === 200) return JSON.parse(text)
    const failure = toFailure(operation, status, text)
    if (failure.code !== 'daemon-unreachable' || patience.waitedMs > REACH_LIMIT_MS) throw failure
    // It is on its way out: the next one will do it.
    socket = null
    await patience.pause(WAITS_FOR_END, RETRY_MS)
    return call(operation, request, signal, patience)
  }

  async function openEvents(query: string, lastSeq: number | null, signal: AbortSignal): Promise<IncomingMessage> {
    // Whoever listens there after a loss may be of another build.
    if (lastSeq !== null) socket = null
    const answer = await reach((socketPath, hung) =>
      send(socketPath, {
        method: 'GET',
        path: `/api/events?${query}`,
        headers: lastSeq === null ? {} : { 'last-event-id': String(lastSeq) },
        signal: AbortSignal.any([signal, hung]),
      }),
    )
    if (answer.statusCode === 200) return answer
    throw toFailure('events', answer.statusCode ?? 0, await readText(answer))
  }

  /**
   * Every operation may be repeated: starts carry their own id, the rest is idempotent. A daemon may leave more than
   * once under a call, where commands of several builds replace each other's.
   */
  async function reach<Answer>(attempt: Attempt<Answer>): Promise<Answer> {
    const deadline = Date.now() + REACH_LIMIT_MS
    for (;;) {
      socket ??= await ensureDaemon(paths, env, note)
      try {
        return await whileAlive(socket, attempt)
      } catch (cause) {
        if (!isAbsent(cause) && !isBroken(cause)) throw cause
        socket = null
        if (Date.now() < deadline) continue
        throw new NatterError('daemon-unreachable', 'Cannot reach natterd: it goes away again and again', {
          hint: 'Run "natter daemon logs" to see why',
          cause,
        })
      }
    }
  }
}

type Attempt<Answer> = (socketPath: string, hung: AbortSignal) => Promise<Answer>

/** An answer may take its time, as long as the daemon answers something: one that is stopped or stuck is given up. */
async function whileAlive<Answer>(socketPath: string, attempt: Attempt<Answer>): Promise<Answer> {
  const hung = new AbortController()
  const watch = setInterval(async () => {
    if ((await askHello(socketPath)) !== null) return
    hung.abort(
      new NatterError('daemon-unreachable', 'Cannot reach natterd: it takes calls and does not answer them', {
        hint: 'Run "natter doctor" to see its process, or "natter daemon restart"',
      }),
    )
  }, ALIVE_CHECK_MS)
  try {
    return await attempt(socketPath, hung.signal)
  } catch (error) {
    if (hung.signal.aborted) throw hung.signal.reason
    throw error
  } finally {
    clearInterval(watch)
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
