// A cursor over one or more logs, in the order of seq; a reader that fell off the tail begins again with a snapshot.

import type { Frame } from './hub.ts'
import type { EventLog } from './topic.ts'

export interface ReaderOptions {
  readonly logs: readonly EventLog[]
  readonly after: number | null
  readonly lastSeq: () => number
  readonly snapshot: () => readonly Frame[]
}

export interface Reader {
  take(maxBytes: number): readonly Frame[]
  ready(signal: AbortSignal): Promise<void>
  readonly wake: () => void
}

export function createReader({ logs, after, lastSeq, snapshot }: ReaderOptions): Reader {
  let positions: number[] | null = after === null || after > lastSeq() ? null : positionsAfter(after)
  // Taken now, not at the first read: nothing may fall between subscribing and reading.
  let pending: readonly Frame[] = positions === null ? restart() : []
  let waiting: (() => void) | null = null
  return { take, ready, wake }

  function take(maxBytes: number): readonly Frame[] {
    const frames: Frame[] = [...pending]
    pending = []
    let size = frames.reduce((sum, frame) => sum + frame.size, 0)
    while (size < maxBytes) {
      const next = nextFrame()
      if (next === null) break
      if (next === undefined) {
        frames.push(...restart())
        break
      }
      frames.push(next)
      size += next.size
    }
    return frames
  }

  /** The one with the lowest seq of all logs; undefined where a log has dropped what should come next. */
  function nextFrame(): Frame | null | undefined {
    let lowest: Frame | null = null
    let lowestAt = -1
    for (const [index, log] of logs.entries()) {
      const frame = log.at(positions?.[index] ?? 0)
      if (frame === undefined) return undefined
      if (frame !== null && (lowest === null || frame.seq < lowest.seq)) {
        lowest = frame
        lowestAt = index
      }
    }
    if (positions !== null && lowestAt >= 0) positions[lowestAt] = (positions[lowestAt] ?? 0) + 1
    return lowest
  }

  function restart(): readonly Frame[] {
    positions = logs.map((log) => log.end)
    return snapshot()
  }

  function positionsAfter(seq: number): number[] | null {
    const found: number[] = []
    for (const log of logs) {
      const position = log.after(seq)
      if (position === undefined) return null
      found.push(position)
    }
    return found
  }

  function ready(signal: AbortSignal): Promise<void> {
    if (signal.aborted || hasNews()) return Promise.resolve()
    return new Promise((resolve) => {
      waiting = () => {
        signal.removeEventListener('abort', wake)
        resolve()
      }
      signal.addEventListener('abort', wake, { once: true })
    })
  }

  function hasNews(): boolean {
    return pending.length > 0 || logs.some((log, index) => log.end > (positions?.[index] ?? 0))
  }

  function wake(): void {
    const resume = waiting
    waiting = null
    resume?.()
  }
}
