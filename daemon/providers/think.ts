// Splits a leading `<think>…</think>` off the text of models whose server leaves it in.

import type { StreamPart } from '../../src/protocol/stream.ts'

export interface ThinkSplitter {
  /** Adds this text to `parts` as text or reasoning; a tag may be cut anywhere. */
  push(text: string, parts: StreamPart[]): void
  /** Adds what still waits for the rest of a tag. */
  flush(parts: StreamPart[]): void
}

const OPENING = '<think>'
const CLOSING = '</think>'

/**
 * Only a tag at the very beginning counts: later ones are an answer that talks about tags. Blank space around the
 * reasoning is dropped, so that `<think>\n\n</think>` of a model that did not think is nothing.
 */
export function createThinkSplitter(): ThinkSplitter {
  let state: 'start' | 'reasoning' | 'after' | 'text' = 'start'
  let pending = ''
  let begun = false
  return { push, flush }

  function push(text: string, parts: StreamPart[]): void {
    if (state === 'text') {
      add('text-delta', text, parts)
      return
    }
    pending += text
    if (state === 'start') begin(parts)
    if (state === 'reasoning') reason(parts)
    if (state === 'after') answer(parts)
  }

  function begin(parts: StreamPart[]): void {
    const lead = pending.trimStart()
    if (lead.startsWith(OPENING)) {
      pending = lead.slice(OPENING.length)
      state = 'reasoning'
    } else if (!OPENING.startsWith(lead)) {
      state = 'text'
      add('text-delta', pending, parts)
      pending = ''
    }
  }

  function reason(parts: StreamPart[]): void {
    if (!begun) pending = pending.trimStart()
    if (pending !== '') begun = true
    const end = pending.indexOf(CLOSING)
    if (end === -1) {
      const keep = heldLength(pending)
      add('reasoning-delta', pending.slice(0, pending.length - keep), parts)
      pending = pending.slice(pending.length - keep)
      return
    }
    add('reasoning-delta', pending.slice(0, end).trimEnd(), parts)
    pending = pending.slice(end + CLOSING.length)
    state = 'after'
  }

  function answer(parts: StreamPart[]): void {
    pending = pending.trimStart()
    if (pending === '') return
    state = 'text'
    add('text-delta', pending, parts)
    pending = ''
  }

  function flush(parts: StreamPart[]): void {
    if (state === 'start') add('text-delta', pending, parts)
    if (state === 'reasoning') add('reasoning-delta', pending.trimEnd(), parts)
    pending = ''
  }
}

/** How many characters at the end may be blank space before the closing tag, or the beginning of it. */
function heldLength(text: string): number {
  for (let length = Math.min(CLOSING.length - 1, text.length); length > 0; length -= 1) {
    if (!CLOSING.startsWith(text.slice(-length))) continue
    return text.length - text.slice(0, -length).trimEnd().length
  }
  return text.length - text.trimEnd().length
}

function add(type: 'text-delta' | 'reasoning-delta', text: string, parts: StreamPart[]): void {
  if (text !== '') parts.push({ type, text })
}
