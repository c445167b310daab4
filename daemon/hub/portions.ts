// Long texts as several events: a reader that stalls holds what it is in the midst of.

import type { EventBody } from '../../src/protocol/schema/events.ts'
import { wholeEnd } from '../../src/protocol/text.ts'

/** Characters of text in one event. */
const PORTION = 16 * 1024

/** Events that fold to the same as the one. */
export function toPortions(body: EventBody): readonly EventBody[] {
  if (!('text' in body) || body.text.length <= PORTION) return [body]
  const portions: EventBody[] = []
  let start = 0
  while (start < body.text.length) {
    const end = wholeEnd(body.text, start + PORTION)
    portions.push({ ...body, text: body.text.slice(start, end) })
    start = end
  }
  return portions
}
