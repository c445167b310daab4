// That an answer waits, said once on standard error: for who reads a pipe and sees no sign of life.

import { describeWait, type Wait } from '../render/wait.ts'

export interface WaitingNote {
  wait(wait: Wait): void
  /** It waits no longer, or nobody does. */
  over(): void
}

/** Shorter waits are no news. */
const PATIENCE_MS = 2_000

export function createWaitingNote(note: (text: string) => void, patienceMs = PATIENCE_MS): WaitingNote {
  let timer: NodeJS.Timeout | null = null
  let latest: Wait | null = null
  let isSaid = false
  return {
    wait(wait) {
      latest = wait
      if (isSaid) return
      timer ??= setTimeout(say, patienceMs)
      timer.unref()
    },
    over() {
      if (timer !== null) clearTimeout(timer)
      timer = null
      latest = null
    },
  }

  function say(): void {
    timer = null
    if (latest === null) return
    isSaid = true
    note(describeWait(latest, Date.now()))
  }
}
