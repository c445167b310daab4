// What stands in front of a list item, and whether a blank line follows it.

import type { Tokens } from 'marked'
import type { Span } from './spans.ts'

const BULLETS = ['•', '◦', '▪']

/** Whether the source leaves a blank line after an item; the screen keeps it. */
export function endsBlank(item: Tokens.ListItem | undefined): boolean {
  return item !== undefined && /\n[ \t]*\n$/.test(item.raw)
}

/** The marker of an item: a bullet that depends on the depth, or the number, and the box of a task. */
export function markerOf(item: Tokens.ListItem, number: number | null, depth: number): readonly Span[] {
  const bullet = BULLETS[depth % BULLETS.length] ?? ''
  const marker: Span = { text: `${number === null ? bullet : `${number}.`} `, roles: ['marker'] }
  if (!item.task) return [marker]
  const box: Span = item.checked ? { text: '[x] ', roles: ['done'] } : { text: '[ ] ', roles: ['dim'] }
  return number === null ? [box] : [marker, box]
}
