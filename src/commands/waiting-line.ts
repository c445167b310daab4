// One line on stderr that says since when one waits; it is gone before the first word of the answer.

import { sanitizeLine } from '../render/sanitize.ts'

export interface WaitingLine {
  /** Asked anew for each frame. */
  say(what: () => string): void
  clear(): void
}

const SHOW_AFTER_MS = 300
const FRAME_MS = 100
const FRAMES = ['⠋', '⠙', '⠹', '⠸', '⠼', '⠴', '⠦', '⠧', '⠇', '⠏'] as const

export function createWaitingLine(stderr: NodeJS.WriteStream, quiet: boolean): WaitingLine {
  if (quiet || stderr.isTTY !== true || process.env['TERM'] === 'dumb') return { say() {}, clear() {} }
  const startedAt = Date.now()
  let what = () => ''
  let shown = false
  let done = false
  const timer = setInterval(draw, FRAME_MS)
  timer.unref()
  return {
    say(next) {
      what = next
    },
    clear() {
      if (done) return
      done = true
      clearInterval(timer)
      if (shown) stderr.write('\r\x1b[2K')
    },
  }

  function draw(): void {
    const elapsed = Date.now() - startedAt
    if (elapsed < SHOW_AFTER_MS) return
    shown = true
    const frame = FRAMES[Math.floor(elapsed / FRAME_MS) % FRAMES.length]
    // A model is named by whoever asked for it, and that may have been another.
    const said = sanitizeLine(what())
    stderr.write(`\r\x1b[2K${frame} ${said === '' ? '' : `${said} `}${Math.floor(elapsed / 1000)} s`)
  }
}
