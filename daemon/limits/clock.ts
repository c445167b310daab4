// Time as the limits know it, so that a test can let a minute pass at once.

export interface Clock {
  /** Milliseconds that only grow. */
  now(): number
  /** Calls back once, not before `time`. */
  at(time: number, callback: () => void): { cancel(): void }
}

export const systemClock: Clock = {
  now: () => performance.now(),
  at(time, callback) {
    const timer = setTimeout(callback, Math.max(0, Math.ceil(time - performance.now())))
    return { cancel: () => clearTimeout(timer) }
  },
}
