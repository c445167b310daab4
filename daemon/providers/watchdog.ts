// Four timers over one call, so that nothing a server does or leaves undone can hang a turn.

import { NatterError } from '../../src/protocol/errors.ts'
import type { Endpoint, StreamTimers } from './provider.ts'

export type TimedPhase = keyof StreamTimers

export interface Watchdog extends Disposable {
  /** Aborts with the caller's reason, or with a NatterError `timeout` that names the phase. */
  readonly signal: AbortSignal
  /** The request is on an open connection. */
  connected(): void
  /** The first byte of the answer's body is here; whatever it says, the server is alive. */
  started(): void
  /** Real payload came; comments and pings are none. */
  progressed(): void
  /** Stops the progress timer while the reader of the stream is busy elsewhere. */
  hold(): void
  release(): void
  /** Whether the caller gave up, as opposed to a timer. */
  cancelled(): boolean
}

const PHASE_NAMES: { readonly [Phase in TimedPhase]: string } = {
  connect: 'no connection',
  firstByte: 'no first byte of an answer',
  progress: 'no progress of the answer',
  total: 'no complete answer',
}

type WatchedEndpoint = Pick<Endpoint, 'provider' | 'timers' | 'proxy'>

/** The hint names what a user can change. */
const PHASE_HINTS: { readonly [Phase in TimedPhase]: string } = {
  connect: 'Check the network and the base URL',
  firstByte: 'Try again, or raise the first byte timer with "natter config edit"',
  progress: 'Try again, or raise the progress timer with "natter config edit"',
  total: 'Ask for a shorter answer, or raise the total timer with "natter config edit"',
}

export function createWatchdog({ provider, timers, proxy }: WatchedEndpoint, signal: AbortSignal): Watchdog {
  const controller = new AbortController()
  let held = false
  const total = arm('total')
  let phase: NodeJS.Timeout | null = arm('connect')
  const onAbort = () => controller.abort(signal.reason)
  if (signal.aborted) onAbort()
  signal.addEventListener('abort', onAbort, { once: true })

  return {
    signal: controller.signal,
    connected: () => enter('firstByte'),
    started: () => enter('progress'),
    progressed: () => void phase?.refresh(),
    hold() {
      held = true
    },
    release() {
      held = false
      phase?.refresh()
    },
    cancelled: () => signal.aborted,
    [Symbol.dispose]() {
      clearTimeout(total)
      clearTimeout(phase ?? undefined)
      phase = null
      signal.removeEventListener('abort', onAbort)
    },
  }

  function enter(next: TimedPhase): void {
    if (phase === null) return
    clearTimeout(phase)
    phase = arm(next)
  }

  function arm(name: TimedPhase): NodeJS.Timeout {
    const timer = setTimeout(() => {
      // Whoever asked has not taken the last batch yet: the server cannot be blamed.
      if (held && name === 'progress') timer.refresh()
      else controller.abort(timeoutOf(name))
    }, timers[name])
    return timer
  }

  function timeoutOf(name: TimedPhase): NatterError {
    const proxied = name === 'connect' && proxy !== null
    const what = proxied ? 'no connection through the proxy' : PHASE_NAMES[name]
    return new NatterError(
      'timeout',
      `Cannot get an answer from "${provider}": ${what} within ${seconds(timers[name])}`,
      {
        ...(name === 'connect'
          ? { cause: Object.assign(new Error('no connection in time'), { code: 'ETIMEDOUT' }) }
          : {}),
        hint: proxied ? 'Check the network, HTTP_PROXY and HTTPS_PROXY' : PHASE_HINTS[name],
      },
    )
  }
}

function seconds(ms: number): string {
  return ms < 1000 ? `${ms} ms` : `${Math.round(ms / 100) / 10} s`
}
