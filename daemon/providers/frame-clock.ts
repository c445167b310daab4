// The beat in which running text moves on: one timer for all streams, so that a hundred of them wake the process no
// more often than one, and what they have for readers and for the store leaves together.

export interface FrameClock {
  /** Calls back at the next beat, unless it is cancelled before. */
  wait(callback: () => void): { cancel(): void }
}

export function createFrameClock(ms: number): FrameClock {
  let waiting = new Set<() => void>()
  let runs = false
  return {
    wait(callback) {
      // A function of its own for each wait: the same may wait twice.
      const call = () => callback()
      waiting.add(call)
      if (!runs) setTimeout(beat, ms)
      runs = true
      return { cancel: () => void waiting.delete(call) }
    },
  }

  function beat(): void {
    runs = false
    const due = waiting
    waiting = new Set()
    for (const call of due) call()
  }
}
