// Cuts growing Markdown into pieces that are final: blocks, list items, lines of code. What it hands out never changes again.

import type { Token, Tokens } from 'marked'
import { closesFence, type Fence, languageOf, openFence, takeIndent } from './fence.ts'
import { isFence, lexBlocks } from './lexer.ts'
import { endsBlank } from './list-marker.ts'

export type Piece =
  | { readonly type: 'block'; readonly token: Token }
  | { readonly type: 'item'; readonly item: Tokens.ListItem; readonly number: number | null; readonly place: ItemPlace }
  | { readonly type: 'code-start'; readonly language: string | null }
  | { readonly type: 'code-line'; readonly text: string }
  | { readonly type: 'code-end' }
  | { readonly type: 'plain-start' }
  | { readonly type: 'plain-line'; readonly text: string }

/** Where an item stands: first of its list, right after the item before, or after a blank line. */
export type ItemPlace = 'first' | 'next' | 'spaced'

/** What is still open after the last final piece. */
export type OpenPart =
  | { readonly type: 'blocks'; readonly source: string; readonly continues: Continues | null }
  | { readonly type: 'line'; readonly text: string }

/** The list that the open source goes on with. */
export interface Continues {
  /** Number of the next item; null in a bulleted list. */
  readonly number: number | null
  readonly place: ItemPlace
}

export interface BlockReader {
  push(text: string): readonly Piece[]
  /** Everything that is left, as final. */
  end(): readonly Piece[]
  open(): OpenPart
}

/** Longer blocks are shown as plain lines: nobody reads them, and reading them again on every delta would stall. */
export const MAX_BLOCK = 40_000
/** Pieces in which long input is looked at, and in which endless lines are cut. */
const STEP = 4096
const MAX_LINE = 4096

type Mode =
  | { readonly type: 'blocks' }
  | { readonly type: 'code'; readonly fence: Fence }
  | { readonly type: 'plain'; left: number }

/** Reads text that `sanitize()` has been through. */
export function createBlockReader(): BlockReader {
  let tail = ''
  let mode: Mode = { type: 'blocks' }
  let continues: Continues | null = null
  let pieces: Piece[] = []
  return { push, end, open: openPart }

  function push(text: string): readonly Piece[] {
    pieces = []
    for (let from = 0; from < text.length; from += STEP) {
      tail += text.slice(from, from + STEP)
      advance(false)
    }
    return pieces
  }

  function end(): readonly Piece[] {
    pieces = []
    advance(true)
    if (mode.type === 'code') pieces.push({ type: 'code-end' })
    mode = { type: 'blocks' }
    continues = null
    return pieces
  }

  function openPart(): OpenPart {
    return mode.type === 'blocks' ? { type: 'blocks', source: tail, continues } : { type: 'line', text: tail }
  }

  function advance(final: boolean): void {
    let progress = true
    while (progress && tail !== '') {
      const { length } = tail
      const before = mode
      if (mode.type === 'blocks') readBlocks(final)
      else readLines(final)
      progress = tail.length !== length || mode !== before
    }
  }

  function readBlocks(final: boolean): void {
    dropBlankLines()
    if (tail === '') return
    const tokens = lexBlocks(tail)
    if (tokens === null) {
      enterPlain(0, 0)
      return
    }
    const count = final || endsInEmptiness(tail) ? tokens.length : countClosed(tokens, tail)
    let offset = 0
    for (const [index, token] of tokens.entries()) {
      const isClosed = index < count
      if (token.type === 'space') {
        if (!isClosed) break
        offset += token.raw.length
        continue
      }
      const next =
        token.type === 'list' ? takeItems(token as Tokens.List, offset, isClosed) : takeBlock(token, offset, isClosed)
      offset = next.offset
      if (next.stop) break
    }
    tail = tail.slice(offset)
  }

  interface Step {
    readonly offset: number
    readonly stop: boolean
  }

  function takeBlock(token: Token, offset: number, isClosed: boolean): Step {
    continues = null
    if (isFence(token)) {
      const line = tail.slice(offset).split('\n', 1)[0] ?? ''
      const fence = openFence(line)
      if (fence && (isClosed || tail.indexOf('\n', offset) !== -1)) {
        mode = { type: 'code', fence }
        pieces.push({ type: 'code-start', language: languageOf(fence.info) })
        return { offset: Math.min(tail.length, offset + line.length + 1), stop: true }
      }
    }
    if (token.raw.length > MAX_BLOCK) return enterPlain(offset)
    if (!isClosed) return { offset, stop: true }
    pieces.push({ type: 'block', token })
    return { offset: offset + token.raw.length, stop: false }
  }

  function takeItems(list: Tokens.List, offset: number, isClosed: boolean): Step {
    const known = offset === 0 ? continues : null
    const first = list.ordered ? (known?.number ?? Number(list.start)) : null
    let place: ItemPlace = known?.place ?? 'first'
    let at = offset
    const settled = isClosed ? list.items.length : countSettledItems(list, offset)
    for (const [index, item] of list.items.entries()) {
      const number = first === null ? null : first + index
      if (item.raw.length > MAX_BLOCK) return enterPlain(at)
      if (index >= settled) {
        continues = { number, place }
        return { offset: at, stop: true }
      }
      pieces.push({ type: 'item', item, number, place })
      at += item.raw.length
      place = endsBlank(item) ? 'spaced' : 'next'
    }
    continues = null
    return { offset: offset + list.raw.length, stop: false }
  }

  /** The last item is open, and the one before as long as the marker line after it is not complete. */
  function countSettledItems(list: Tokens.List, offset: number): number {
    const lastStart = list.items.slice(0, -1).reduce((sum, item) => sum + item.raw.length, offset)
    const complete = tail.indexOf('\n', lastStart) !== -1
    return Math.max(0, list.items.length - (complete ? 1 : 2))
  }

  /** Plain lines up to the first blank one after `least` characters. */
  function enterPlain(offset: number, least = MAX_BLOCK): Step {
    continues = null
    mode = { type: 'plain', left: least }
    pieces.push({ type: 'plain-start' })
    return { offset, stop: true }
  }

  function readLines(final: boolean): void {
    let start = 0
    while (mode.type !== 'blocks' && start < tail.length) {
      const newline = tail.indexOf('\n', start)
      const stop = newline === -1 ? tail.length : newline
      if (stop - start > MAX_LINE) {
        start = takeLine(start, cutBefore(tail, start + MAX_LINE), 0)
        continue
      }
      if (newline === -1 && !final) break
      start = takeLine(start, stop, newline === -1 ? 0 : 1)
    }
    tail = tail.slice(start)
  }

  function takeLine(start: number, stop: number, ending: 0 | 1): number {
    const text = tail.slice(start, stop)
    if (mode.type === 'code') takeCodeLine(text, mode.fence)
    else if (mode.type === 'plain') takePlainLine(text, mode)
    return stop + ending
  }

  function takeCodeLine(text: string, fence: Fence): void {
    if (closesFence(text, fence)) {
      pieces.push({ type: 'code-end' })
      mode = { type: 'blocks' }
      return
    }
    pieces.push({ type: 'code-line', text: takeIndent(text, fence.indent) })
  }

  function takePlainLine(text: string, plain: { left: number }): void {
    plain.left -= text.length + 1
    if (plain.left < 0 && text.trim() === '') mode = { type: 'blocks' }
    else pieces.push({ type: 'plain-line', text })
  }

  function dropBlankLines(): void {
    tail = tail.replace(/^(?:[ \t]*\n)+/, '')
  }
}

/**
 * How many tokens are final: all up to a blank line that ends them, and all before the last one whose first line is
 * complete, since that line shows what it is.
 */
function countClosed(tokens: readonly Token[], source: string): number {
  let offset = source.length
  for (let index = tokens.length - 1; index >= 0; index--) {
    const token = tokens[index] as Token
    const rest = source.slice(offset)
    offset -= token.raw.length
    if (token.type === 'space') continue
    if (ENDED_BY_BLANK.has(token.type) && BLANK_LINE.test(`${token.raw.slice(-1)}${rest}`)) return index + 1
    if (source.indexOf('\n', offset) !== -1) return index
  }
  return 0
}

const BLANK_LINE = /^[^\n]?[ \t]*\n[ \t]*\n/

/** Lists and indented code go on after blank lines. */
const ENDED_BY_BLANK = new Set(['paragraph', 'heading', 'hr', 'blockquote', 'table'])

/** Nothing goes on after so much emptiness. */
function endsInEmptiness(source: string): boolean {
  return source.length - source.trimEnd().length > MAX_EMPTINESS
}

const MAX_EMPTINESS = 2000

function cutBefore(text: string, index: number): number {
  return /[\uD800-\uDBFF]/.test(text.charAt(index - 1)) ? index - 1 : index
}
