// The limiter of one process: a meter and a fair queue for each lane, and one alarm that wakes the queue.

import { NatterError } from '../../src/protocol/errors.ts'
import { type Clock, systemClock } from './clock.ts'
import { createFairQueue, type Waiting } from './fair-queue.ts'
import { createLaneMeter } from './lane-meter.ts'
import type { AcquireOptions, Lane, LaneStatus, Limiter, Limits, Permit, PermitRequest, Reading } from './limiter.ts'

/** So many wait in one lane at most. */
const QUEUE_MAX = 10_000
/** Lanes that nobody used for so long are forgotten, in milliseconds. */
const FORGET_MS = 10 * 60_000
/** Those who wait hear how it stands this often at most … */
const TELL_MS = 250
/** … and only when their position has halved, or was told so long ago. */
const REMIND_MS = 5_000

export interface MemoryLimiterOptions {
  /** What is known of a lane before the provider says anything. */
  readonly limitsOf: (lane: Lane) => Limits
  readonly clock?: Clock
  readonly queueMax?: number
}

interface Waiter extends Waiting {
  readonly request: PermitRequest
  readonly options: AcquireOptions
  readonly grant: (permit: Permit) => void
  told: { readonly position: number; readonly at: number } | null
}

interface LaneState {
  readonly lane: Lane
  readonly meter: ReturnType<typeof createLaneMeter>
  readonly queue: ReturnType<typeof createFairQueue<Waiter>>
  alarm: { cancel(): void } | null
  isTelling: boolean
  usedAt: number
}

export function createMemoryLimiter(options: MemoryLimiterOptions): Limiter {
  const { limitsOf, clock = systemClock, queueMax = QUEUE_MAX } = options
  const lanes = new Map<string, LaneState>()
  return { acquire, observe, status }

  function acquire(request: PermitRequest, given: AcquireOptions): Promise<Permit> {
    if (given.signal.aborted) return Promise.reject(given.signal.reason)
    const state = stateOf(request.lane)
    state.meter.configure(limitsOf(request.lane))
    if (state.queue.size >= queueMax) return Promise.reject(tooMany(request.lane, queueMax))
    return new Promise((resolve, reject) => {
      const { priority, conversationId } = request
      let isGranted = false
      const waiter: Waiter = {
        ...{ request, options: given, priority, conversationId, since: clock.now(), told: null },
        grant(permit) {
          isGranted = true
          given.signal.removeEventListener('abort', leave)
          resolve(permit)
        },
      }
      given.signal.addEventListener('abort', leave, { once: true })
      const position = state.queue.ahead(priority, conversationId) + 1
      state.queue.push(waiter)
      pump(state)
      if (!isGranted) tell(state, waiter, position)
      tellOthers(state)

      function leave(): void {
        state.queue.remove(waiter)
        reject(given.signal.reason)
        pump(state)
      }
    })
  }

  /** Lets go whoever may; whoever is next and may not holds up those behind it, or a large call would wait for ever. */
  function pump(state: LaneState): void {
    state.alarm?.cancel()
    state.alarm = null
    for (;;) {
      const now = clock.now()
      const next = state.queue.peek(now)
      if (next === null) return
      const room = state.meter.room(now, next.request, next.priority)
      if (room === null) {
        state.queue.take(next, now)
        next.grant(permit(state, next, now))
        continue
      }
      if (room.at !== null) state.alarm = clock.at(room.at, () => pump(state))
      return
    }
  }

  function permit(state: LaneState, { request, since }: Waiter, now: number): Permit {
    const reservation = state.meter.reserve(now, request)
    return {
      waitedMs: now - since,
      settle(used) {
        reservation.settle(clock.now(), used)
        pump(state)
      },
      refund() {
        reservation.refund(clock.now())
        pump(state)
      },
    }
  }

  /** Later, and for all at once: a crowd that is told of each step would have nothing else done. */
  function tellOthers(state: LaneState): void {
    if (state.isTelling || state.queue.size === 0) return
    state.isTelling = true
    clock.at(clock.now() + TELL_MS, () => {
      state.isTelling = false
      for (const [index, waiter] of state.queue.order().entries()) tell(state, waiter, index + 1)
      tellOthers(state)
    })
  }

  function tell({ meter }: LaneState, waiter: Waiter, position: number): void {
    const now = clock.now()
    const { told, request, priority, options } = waiter
    if (told !== null && position * 2 > told.position && now - told.at < REMIND_MS) return
    const room = meter.room(now, request, priority)
    // Room, and yet it waits: others go first.
    const reason = room?.reason ?? 'concurrency'
    waiter.told = { position, at: now }
    const expectedMs = room === null || room.at === null ? null : Math.max(0, room.at - now)
    options.onWait?.({ position, reason, expectedMs })
  }

  function observe(lane: Lane, reading: Reading): void {
    const state = stateOf(lane)
    state.meter.observe(clock.now(), reading)
    pump(state)
  }

  async function status(): Promise<readonly LaneStatus[]> {
    const now = clock.now()
    return [...lanes.values()].map(({ lane, meter, queue }) => ({
      lane,
      limits: meter.limits,
      used: meter.used(now),
      running: meter.running,
      waiting: queue.size,
      blockedMs: Math.max(0, meter.blockedUntil - now),
    }))
  }

  function stateOf(lane: Lane): LaneState {
    const now = clock.now()
    const key = JSON.stringify([lane.provider, lane.key, lane.model])
    const known = lanes.get(key)
    if (known !== undefined) {
      known.usedAt = now
      return known
    }
    forget(now)
    const state: LaneState = {
      ...{
        lane,
        meter: createLaneMeter(limitsOf(lane)),
        queue: createFairQueue<Waiter>(),
        alarm: null,
        isTelling: false,
        usedAt: now,
      },
    }
    lanes.set(key, state)
    return state
  }

  function forget(now: number): void {
    for (const [key, state] of lanes) {
      const idle = state.meter.running === 0 && state.queue.size === 0 && now - state.usedAt > FORGET_MS
      if (idle) lanes.delete(key)
    }
  }
}

function tooMany(lane: Lane, max: number): NatterError {
  return new NatterError(
    'queue-full',
    `Cannot queue call of "${lane.provider}/${lane.model}": ${max} calls wait for it already`,
    { hint: 'Wait until some are done ("natter ps"), or raise its limits with "natter config edit"' },
  )
}
