// What one lane has used and may still use: windows of a minute, running calls, and the provider's own word.

import type { Amount, Gauge, Limits, Reading, WaitReason } from './limiter.ts'
import { createSlidingWindow, type SlidingWindow, type Taken } from './sliding-window.ts'

const MINUTE_MS = 60_000
/** How much of a limit must be used for its reset to tell how fast it comes back. */
const TELLING_PART = 0.2
/** A minute as we count it, and a little more: what we send late may reach the provider's window early. */
const WINDOW_MS = MINUTE_MS + 1_000

export interface Room {
  /** When there is room if nobody else takes it; `null`: when a running call ends. */
  readonly at: number | null
  readonly reason: WaitReason
}

export interface Reservation {
  settle(now: number, used: Amount | null): void
  refund(now: number): void
}

export interface LaneMeter {
  readonly limits: Limits
  readonly running: number
  readonly blockedUntil: number
  used(now: number): { readonly requests: number } & Amount
  /** Null: it may go now. `share`: the part of each limit that it may fill, from 0 to 1. */
  room(now: number, amount: Amount, share: number): Room | null
  reserve(now: number, amount: Amount): Reservation
  observe(now: number, reading: Reading): void
  /** The user's word of now; what the provider said is asked for anew where that has changed. */
  configure(limits: Limits): void
}

/** What the provider last said is left, and how it grows: vendors refill all the time, so that none is left for long. */
interface Left {
  readonly amount: number
  readonly at: number
  readonly perMs: number
}

type Kind = 'requests' | 'tokens' | 'inputTokens' | 'outputTokens'
const KINDS: readonly Kind[] = ['requests', 'tokens', 'inputTokens', 'outputTokens']
const LIMITS: readonly (keyof Limits)[] = [...KINDS, 'concurrent']

/** `initial` is the user's word, or a preset; the provider may lower it, and fill in what it leaves open. */
export function createLaneMeter(initial: Limits): LaneMeter {
  const windows: { readonly [Name in Kind]: SlidingWindow } = {
    requests: createSlidingWindow(WINDOW_MS),
    tokens: createSlidingWindow(WINDOW_MS),
    inputTokens: createSlidingWindow(WINDOW_MS),
    outputTokens: createSlidingWindow(WINDOW_MS),
  }
  const left = new Map<Kind, Left>()
  let configured = initial
  let limits = initial
  let running = 0
  let blockedUntil = Number.NEGATIVE_INFINITY
  return {
    get limits() {
      return limits
    },
    get running() {
      return running
    },
    get blockedUntil() {
      return blockedUntil
    },
    used: (now) => ({
      requests: windows.requests.used(now),
      inputTokens: windows.inputTokens.used(now),
      outputTokens: windows.outputTokens.used(now),
    }),
    room,
    reserve,
    observe,
    configure(next) {
      if (LIMITS.every((name) => next[name] === configured[name])) return
      configured = next
      limits = next
    },
  }

  function room(now: number, amount: Amount, share: number): Room | null {
    let at = blockedUntil
    let reason: WaitReason = 'provider'
    for (const kind of KINDS) {
      const allowed = Math.max(1, Math.floor((limits[kind] ?? Number.POSITIVE_INFINITY) * share))
      // What is larger than the limit itself goes when the window is empty: the provider shall say what it thinks of it.
      const needed = Math.min(amountOf(kind, amount), allowed)
      const free = Math.max(windows[kind].roomAt(now, needed, allowed), leftAt(now, kind, needed))
      if (free <= at || free <= now) continue
      at = free
      reason = kind === 'requests' ? 'requests' : 'tokens'
    }
    if (at > now) return { at, reason }
    return running < limits.concurrent ? null : { at: null, reason: 'concurrency' }
  }

  /** When so much is left by the provider's own count. */
  function leftAt(now: number, kind: Kind, needed: number): number {
    const said = left.get(kind)
    if (said === undefined) return now
    const missing = needed - (said.amount + (now - said.at) * said.perMs)
    return missing <= 0 ? now : now + missing / said.perMs
  }

  function reserve(now: number, amount: Amount): Reservation {
    const taken = take(now, amount)
    for (const [kind, said] of left) left.set(kind, { ...said, amount: said.amount - amountOf(kind, amount) })
    let open = true
    running += 1
    return { settle: (at, used) => end(at, used), refund: (at) => end(at, { inputTokens: 0, outputTokens: 0 }) }

    function end(at: number, used: Amount | null): void {
      if (!open) return
      open = false
      running -= 1
      if (used === null) return
      for (const kind of KINDS) if (kind !== 'requests') windows[kind].correct(at, taken[kind], amountOf(kind, used))
    }
  }

  function take(now: number, amount: Amount): { readonly [Name in Kind]: Taken } {
    return {
      requests: windows.requests.take(now, 1),
      tokens: windows.tokens.take(now, amountOf('tokens', amount)),
      inputTokens: windows.inputTokens.take(now, amount.inputTokens),
      outputTokens: windows.outputTokens.take(now, amount.outputTokens),
    }
  }

  function observe(now: number, reading: Reading): void {
    if (reading.retryAfterMs !== undefined) blockedUntil = Math.max(blockedUntil, now + reading.retryAfterMs)
    for (const kind of KINDS) {
      const gauge = reading[kind]
      if (gauge === undefined) continue
      const limit = gauge.limit ?? limits[kind]
      if (limit === null) continue
      const perMs = refillOf(limit, gauge)
      if (gauge.limit !== null) {
        const known = configured[kind]
        const isPerMinute = gauge.limit / perMs >= MINUTE_MS / 2 && (gauge.resetMs ?? 0) <= MINUTE_MS * 2
        // A limit of a second or of a day is no limit of a minute: the provider's own count alone keeps it.
        limits = { ...limits, [kind]: isPerMinute ? Math.min(known ?? gauge.limit, gauge.limit) : known }
      }
      // Others may call with the same key: what is left is less than our own count says.
      if (gauge.remaining !== null) left.set(kind, { amount: gauge.remaining, at: now, perMs })
    }
  }
}

/** Per millisecond. Where little is used the time until all is back says little, and a minute is what vendors mean. */
function refillOf(limit: number, { remaining, resetMs }: Gauge): number {
  const used = remaining === null ? 0 : limit - remaining
  return resetMs === undefined || resetMs <= 0 || used < limit * TELLING_PART ? limit / MINUTE_MS : used / resetMs
}

function amountOf(kind: Kind, { inputTokens, outputTokens }: Amount): number {
  switch (kind) {
    case 'requests':
      return 1
    case 'tokens':
      return inputTokens + outputTokens
    case 'inputTokens':
      return inputTokens
    case 'outputTokens':
      return outputTokens
  }
}
