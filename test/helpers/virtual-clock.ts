// A clock that stands still until it is told to go on: a minute of limits passes in no time.

import { setImmediate as nextLoop } from 'node:timers/promises'
import type { Clock } from '../../daemon/limits/clock.ts'

export interface VirtualClock extends Clock {
  /** Lets so many milliseconds pass, calling whoever is due on the way, each at its time. */
  pass(ms: number): Promise<void>
}

interface Alarm {
  readonly time: number
  readonly callback: () => void
}

export function createVirtualClock(start = 1_000_000): VirtualClock {
  let time = start
  const alarms = new Set<Alarm>()
  return {
    now: () => time,
    at(due, callback) {
      const alarm = { time: Math.max(due, time), callback }
      alarms.add(alarm)
      return { cancel: () => void alarms.delete(alarm) }
    },
    async pass(ms) {
      const end = time + ms
      for (;;) {
        // Promises that the last alarm settled have their say before the next.
        await nextLoop()
        const next = [...alarms].reduce<Alarm | null>((a, b) => (a === null || b.time < a.time ? b : a), null)
        if (next === null || next.time > end) break
        alarms.delete(next)
        time = Math.max(time, next.time)
        next.callback()
      }
      time = end
    },
  }
}
