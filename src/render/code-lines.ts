// The code of a block that is still growing: coloured together with the lines it needs, and no more of them.

import { highlight } from './highlight.ts'
import { grammarOf } from './languages.ts'
import { cutSpans, type Row, rowInk } from './spans.ts'

export interface CodeLines {
  push(line: string): void
  /** The kept rows, and those of a line that is not complete yet. */
  rows(width: number, partial?: string): { readonly complete: readonly Row[]; readonly partial: readonly Row[] }
  /** Lets go of whole lines that hold no more than that many visible characters, and says how many they held. */
  drop(ink: number, width: number): number
  /** Lines that are kept. */
  count(): number
  /** Whether the grammar is loaded, or there is none. */
  isReady(): boolean
}

/** How far back colouring may have to start, for a long comment or string. */
const MAX_CONTEXT = 200

/** `head` are rows that stand above the first line. */
export function createCodeLines(language: string | null, head: readonly Row[]): CodeLines {
  let top = head
  let context: readonly string[] = []
  let kept: string[] = []
  return { push, rows, drop, count: () => kept.length, isReady: () => grammarOf(language) !== undefined }

  function push(line: string): void {
    kept.push(line)
  }

  function rows(width: number, partial?: string) {
    const source = [...context, ...kept, ...(partial === undefined ? [] : [partial])]
    const { lines } = highlight(source, language)
    const end = context.length + kept.length
    const complete = [...top, ...lines.slice(context.length, end).flatMap((line) => cutSpans(line, width))]
    return { complete, partial: lines.slice(end).flatMap((line) => cutSpans(line, width)) }
  }

  function drop(ink: number, width: number): number {
    const topInk = top.reduce((sum, row) => sum + rowInk(row), 0)
    if (topInk > ink || ink === 0) return 0
    let dropped = topInk
    let lines = 0
    while (lines < kept.length) {
      const next = cutSpans([{ text: kept[lines] ?? '', roles: [] }], width).reduce((sum, row) => sum + rowInk(row), 0)
      if (dropped + next > ink || (next === 0 && dropped === ink)) break
      dropped += next
      lines++
    }
    top = []
    forget(lines)
    return dropped
  }

  function forget(lines: number): void {
    const source = [...context, ...kept]
    const first = context.length + lines
    const start = highlight(source, language).restart(first)
    context = first - start > MAX_CONTEXT ? [] : source.slice(start, first)
    kept = kept.slice(lines)
  }
}
