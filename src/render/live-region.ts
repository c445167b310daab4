// The lines at the bottom of the screen that may still change: drawn, redrawn in place, and left behind when final.

import { displayWidth } from './width.ts'

export interface LiveRegion {
  /** Writes final lines above, and the lines that may change below them. At most `rows - 1` may change. */
  paint(final: readonly string[], live: readonly string[]): void
  /** Takes a new window size; says how many of the changing lines, from the top, are out of reach now. */
  resize(columns: number, rows: number): number
  /** Somebody else wrote below: what may change is drawn anew from where the cursor is now. */
  leave(): void
}

export interface LiveRegionOptions {
  readonly write: (text: string) => void
  readonly columns: number
  readonly rows: number
  /** The terminal wraps its lines anew when the window becomes narrower. */
  readonly reflow: boolean
}

/** Expects the cursor at the start of a line and leaves it at the start of the line below the last one. */
export function createLiveRegion(options: LiveRegionOptions): LiveRegion {
  let { columns, rows } = options
  let shown: readonly string[] = []
  /** Screen lines from the cursor up to the first line that may change. */
  let height = 0
  /** The terminal has wrapped the lines anew, so all must be drawn again. */
  let isStale = false
  return { paint, resize, leave }

  function paint(final: readonly string[], live: readonly string[]): void {
    const next = final.length === 0 ? live : [...final, ...live]
    let same = 0
    while (!isStale && same < shown.length && same < next.length && shown[same] === next[same]) same++
    const lines = next.slice(same)
    const up = height - shown.slice(0, same).reduce((sum, line) => sum + heightOf(line), 0)
    if (lines.length > 0 || up > 0) options.write(redraw(up, lines))
    isStale = false
    shown = live
    height = live.reduce((sum, line) => sum + heightOf(line), 0)
  }

  function redraw(up: number, lines: readonly string[]): string {
    // What was typed meanwhile stands where the cursor was, the ^C of an interrupt for one.
    const move = up > 0 ? `\r\x1b[${up}A` : '\r\x1b[K'
    const clearLine = up > 0 ? '\x1b[K' : ''
    // A line that was wrapped stays joined to the next one, in the terminal's memory, until it is erased.
    const clear = isStale ? '\x1b[J' : ''
    const body = lines.map((line) => `${line}${clearLine}\r\n`).join('')
    // Lines are overwritten, not blanked first, so nothing flickers where synchronized updates are unknown.
    return up > 0 ? `\x1b[?2026h${move}${clear}${body}\x1b[J\x1b[?2026l` : `${move}${body}`
  }

  function resize(nextColumns: number, nextRows: number): number {
    isStale ||= columns !== nextColumns
    columns = nextColumns
    rows = nextRows
    height = shown.reduce((sum, line) => sum + heightOf(line), 0)
    const reach = rows - 1
    let lost = 0
    while (height > reach && lost < shown.length) {
      height -= heightOf(shown[lost] ?? '')
      lost++
    }
    shown = shown.slice(lost)
    return lost
  }

  function leave(): void {
    shown = []
    height = 0
  }

  function heightOf(line: string): number {
    return options.reflow ? Math.max(1, Math.ceil(displayWidth(line) / columns)) : 1
  }
}
