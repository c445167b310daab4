// Markdown on a terminal while it arrives: finished blocks are written once, the open one is redrawn in place.

import { createBlockReader, type OpenPart, type Piece } from './block-reader.ts'
import { grammarOf, loadGrammar } from './languages.ts'
import { createLayout } from './layout.ts'
import { createLiveRegion } from './live-region.ts'
import { createSanitizer } from './sanitize.ts'
import { type RenderStyle, widthFor } from './style.ts'

export interface MarkdownStream {
  push(delta: string): void
  /** Writes all that is left. Colours whose grammar is still being read from disk are waited for. */
  end(): Promise<void>
  /** Writes what there is, at once, and leaves the terminal as it was found. */
  abort(): void
  resize(columns: number, rows: number): void
  /** Takes what may still change off the screen; nothing is drawn until `redraw`. */
  hide(): void
  /** Draws what may still change once more, below what others have written meanwhile. */
  redraw(): void
}

export interface MarkdownStreamOptions {
  readonly style: RenderStyle
  /** Lines of the screen. */
  readonly rows: number
  readonly columns?: number
  readonly reflow?: boolean
  readonly write: (text: string) => void
  /** Milliseconds on any clock that only goes forward. */
  readonly now?: () => number
  /** Calls back after that many milliseconds, unless the returned function is called first. */
  readonly schedule?: (callback: () => void, ms: number) => () => void
}

/** Thirty frames a second look smooth and leave the processor alone. */
const FRAME_MS = 33
/** However long a frame takes to render, at most a quarter of the time goes into frames. */
const REST_FACTOR = 3

/** Expects the cursor at the start of a line. Text that is not sanitized yet is. */
export function createMarkdownStream(options: MarkdownStreamOptions): MarkdownStream {
  const { write, now = performance.now.bind(performance), schedule = unreferencedTimer } = options
  let { style, rows } = options
  const sanitizer = createSanitizer()
  const reader = createBlockReader()
  const layout = createLayout(style)
  const region = createLiveRegion({
    write,
    columns: options.columns ?? style.width + 1,
    rows,
    reflow: options.reflow ?? true,
  })
  const loads = new Set<Promise<void>>()
  /** Pieces after code whose grammar is still being read: code is given out in its colours. */
  let held: readonly Piece[] = []
  let waiting = ''
  let nextFrameAt = Number.NEGATIVE_INFINITY
  let cancelTimer: (() => void) | null = null
  let isOver = false
  let isHidden = false
  return { push, end, abort, resize, hide, redraw }

  function push(delta: string): void {
    if (isOver || delta === '') return
    waiting += sanitizer.push(delta)
    requestFrame()
  }

  async function end(): Promise<void> {
    if (isOver) return
    isOver = true
    cancelTimer?.()
    const pieces = [...reader.push(waiting + sanitizer.end()), ...reader.end()]
    loadGrammars(pieces)
    await Promise.all(loads)
    region.paint(layout.add([...held, ...pieces]), [])
  }

  function abort(): void {
    if (isOver) return
    isOver = true
    cancelTimer?.()
    const pieces = [...reader.push(waiting + sanitizer.end()), ...reader.end()]
    region.paint(layout.add([...held, ...pieces]), [])
    write('\r\x1b[K\x1b[0m')
  }

  function resize(columns: number, nextRows: number): void {
    if (isOver) return
    const part = openPart()
    const lost = region.resize(columns, nextRows)
    if (lost > 0) layout.forceFreeze(part, lost)
    rows = nextRows
    style = { ...style, width: widthFor(columns) }
    layout.restyle(style)
    frame()
  }

  function hide(): void {
    if (isOver) return
    isHidden = true
    region.paint([], [])
  }

  function redraw(): void {
    if (isOver) return
    isHidden = false
    region.leave()
    frame()
  }

  function requestFrame(): void {
    if (cancelTimer !== null) return
    const wait = nextFrameAt - now()
    if (wait <= 0) frame()
    else cancelTimer = schedule(frame, wait)
  }

  function frame(): void {
    cancelTimer?.()
    cancelTimer = null
    if (isOver || isHidden) return
    const startedAt = now()
    const pieces = reader.push(waiting)
    waiting = ''
    loadGrammars(pieces)
    show(addReady(pieces))
    const endedAt = now()
    nextFrameAt = endedAt + Math.max(FRAME_MS, (endedAt - startedAt) * REST_FACTOR)
  }

  function addReady(pieces: readonly Piece[]): readonly string[] {
    const all = [...held, ...pieces]
    const lines: string[] = []
    let count = 0
    for (const piece of all) {
      if (piece.type === 'code-end' && !layout.isReady()) break
      lines.push(...layout.add([piece]))
      count++
    }
    held = all.slice(count)
    return lines
  }

  function openPart(): OpenPart {
    return held.length > 0 ? { type: 'line', text: '' } : reader.open()
  }

  /** What does not fit on the screen is given out for good when it is final, else only its end is shown for now. */
  function show(final: readonly string[]): void {
    const limit = Math.max(1, rows - 1)
    const part = openPart()
    let live = layout.open(part)
    let given: readonly string[] = []
    if (live.length > limit) {
      const before = live
      const count = layout.freeze(part, live.length - limit)
      given = before.slice(0, count)
      live = before.slice(count)
    }
    region.paint([...final, ...given], live.slice(-limit))
  }

  function loadGrammars(pieces: readonly Piece[]): void {
    for (const piece of pieces) {
      if (piece.type !== 'code-start' || grammarOf(piece.language) !== undefined) continue
      const load = loadGrammar(piece.language).then(() => {
        loads.delete(load)
        if (!isOver) requestFrame()
      })
      loads.add(load)
    }
  }
}

/** A frame that is due never keeps the process alive: `end()` writes what is left. */
function unreferencedTimer(callback: () => void, ms: number): () => void {
  const timer = setTimeout(callback, ms)
  timer.unref()
  return () => clearTimeout(timer)
}
