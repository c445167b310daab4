// The code of a block that is still growing: coloured together with the lines it needs, and no more of them.

import { highlight } from './highlight.ts'
import { grammarOf } from './languages.ts'
import { cutSpans, inkOf, type Row, rowInk } from './spans.ts'

export interface CodeRows {
  readonly complete: readonly Row[]
  /** Of the line that is not complete yet. */
  readonly partial: readonly Row[]
}

export interface CodeLines {
  push(line: string): void
  /** Rows of the kept lines, and of an unfinished one when there is one. */
  rows(width: number, partial?: string): CodeRows
  /** Lets go of whole lines that hold no more than that many visible characters, and says how many they held. */
  drop(ink: number): number
  /** How many lines are kept. */
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
  let known: { readonly key: string; readonly rows: CodeRows } | null = null
  return { push, rows, drop, count: () => kept.length, isReady }

  function isReady(): boolean {
    return grammarOf(language) !== undefined
  }

  function push(line: string): void {
    kept.push(line)
    known = null
  }

  function rows(width: number, partial?: string): CodeRows {
    const key = `${width} ${isReady()} ${partial ?? ''}`
    if (known?.key !== key) known = { key, rows: colour(width, partial) }
    return known.rows
  }

  function colour(width: number, partial: string | undefined): CodeRows {
    const end = context.length + kept.length
    const { lines } = highlight([...context, ...kept, ...(partial === undefined ? [] : [partial])], language)
    const complete = lines.slice(context.length, end).flatMap((line) => cutSpans(line, width))
    return { complete: [...top, ...complete], partial: lines.slice(end).flatMap((line) => cutSpans(line, width)) }
  }

  function drop(ink: number): number {
    const topInk = inkOf(top)
    if (topInk > ink || ink === 0) return 0
    let dropped = topInk
    let lines = 0
    while (lines < kept.length) {
      const next = rowInk([{ text: kept[lines] ?? '', roles: [] }])
      if (dropped + next > ink || (next === 0 && dropped === ink)) break
      dropped += next
      lines++
    }
    if (lines > 0) forget(lines)
    top = []
    known = null
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
