// The limiter of one process: a meter and a fair queue for each lane, and one alarm that wakes the queue.

import { NatterError } from '../../src/protocol/errors.ts'
import { type Clock, systemClock } from './clock.ts'
import { createFairQueue, type Priority, type Waiting } from './fair-queue.ts'
import { createLaneMeter } from './lane-meter.ts'
import type { AcquireOptions, Lane, LaneStatus, Limiter, Limits, Permit, PermitRequest, Reading } from './limiter.ts'

/** What those who do not wait in person leave to those who do. */
const BATCH_SHARE = 0.95
const WHOLE = 1
/** After so long without a turn, longer than any window, they take from that part as well. */
const NEGLECTED_MS = 90_000
/** So many wait in one lane at most. */
const QUEUE_MAX = 10_000
/** Lanes that nobody used for so long are forgotten, in milliseconds. */
const FORGET_MS = 10 * 60_000
/** Those who wait hear how it stands this often at most … */
const TELL_MS = 250
/** … and, but for those in front, only when their position has halved, or was told so long ago. */
const REMIND_MS = 5_000
const FRONT = 10

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
  alarm: { readonly time: number; cancel(): void } | null
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

  function pump(state: LaneState): void {
    state.alarm?.cancel()
    state.alarm = null
    while (letGo(state, clock.now()));
  }

  /**
   * True where somebody may go. Whoever is most urgent and may not holds up the others, or a large call would wait for
   * ever; but not where all that it lacks is the part that is kept for people.
   */
  function letGo(state: LaneState, now: number): boolean {
    for (const { item, neglectedMs } of state.queue.heads(now)) {
      const share = shareOf(item.priority, neglectedMs)
      const room = state.meter.room(now, item.request, share)
      if (room === null) {
        state.queue.take(item, now)
        item.grant(permit(state, item, now))
        return true
      }
      if (room.at !== null) wakeAt(state, room.at)
      if (share === WHOLE || state.meter.room(now, item.request, WHOLE) !== null) return false
    }
    return false
  }

  function wakeAt(state: LaneState, at: number): void {
    if (state.alarm !== null && state.alarm.time <= at) return
    state.alarm?.cancel()
    state.alarm = { time: at, ...clock.at(at, () => pump(state)) }
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
      // Limits may have been raised meanwhile.
      state.meter.configure(limitsOf(state.lane))
      pump(state)
      for (const [index, waiter] of state.queue.order().entries()) tell(state, waiter, index + 1)
      tellOthers(state)
    })
  }

  function tell({ meter, queue }: LaneState, waiter: Waiter, position: number): void {
    const now = clock.now()
    const { told, request, priority, options } = waiter
    if (told !== null && !isNews(told, position, now)) return
    const own = meter.room(now, request, shareOf(priority, 0))
    // Room for it, and yet it waits: what holds up those before it holds it up.
    const [first] = queue.heads(now)
    const room =
      own ?? (first === undefined ? null : meter.room(now, first.item.request, shareOf(first.item.priority, 0)))
    waiter.told = { position, at: now }
    const expectedMs = room === null || room.at === null ? null : Math.max(0, room.at - now)
    options.onWait?.({ position, reason: room?.reason ?? 'concurrency', expectedMs })
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

function shareOf(priority: Priority, neglectedMs: number): number {
  return priority === 'interactive' || neglectedMs > NEGLECTED_MS ? WHOLE : BATCH_SHARE
}

function isNews(told: { readonly position: number; readonly at: number }, position: number, now: number): boolean {
  if (now - told.at >= REMIND_MS) return true
  return position <= FRONT ? position !== told.position : position * 2 <= told.position
}

function tooMany(lane: Lane, max: number): NatterError {
  return new NatterError(
    'queue-full',
    `Cannot queue call of "${lane.provider}/${lane.model}": ${max} calls wait for it already`,
    { hint: 'Wait until some are done ("natter ps"), or raise its limits with "natter config edit"' },
  )
}
