// Waiting for a daemon: quick while it may come any moment, then slower, and not without a word.

import { setTimeout as delay } from 'node:timers/promises'

/** So long a wait is nothing to speak of, in milliseconds. */
const SILENT_MS = 2_000
/** Within that it is usually there, in milliseconds. */
const QUICK_MS = 1_000
const PAUSE_MAX_MS = 250

export interface Patience {
  readonly waitedMs: number
  /** Waits until it is worth to look again, at least `atLeastMs`; says once what for, when that lasts. */
  pause(reason: string, atLeastMs?: number): Promise<void>
}

export function createPatience(note: (text: string) => void): Patience {
  const startedAt = performance.now()
  let isSaid = false
  const patience = {
    get waitedMs() {
      return performance.now() - startedAt
    },
    async pause(reason: string, atLeastMs = 0): Promise<void> {
      if (!isSaid && patience.waitedMs > SILENT_MS) {
        isSaid = true
        note(reason)
      }
      await delay(Math.max(atLeastMs, pauseMs(patience.waitedMs, Math.random())))
    },
  }
  return patience
}

/** For how long not to look, in milliseconds; `random`, from 0 to 1, keeps commands that wait together apart. */
export function pauseMs(waitedMs: number, random: number): number {
  const quick = 5 + random * 10
  if (waitedMs < QUICK_MS) return quick
  return Math.min(PAUSE_MAX_MS, quick + (waitedMs - QUICK_MS) / 8)
}

/** How long not to start another daemon after one found that another still rules, in milliseconds: each costs a process. */
export function yieldedMs(waitedMs: number): number {
  return Math.min(1_000, 200 + waitedMs / 5)
}
