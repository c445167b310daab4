// An answer on a terminal that only prints: the text as it is, safe, without layout or cursor movement.

import { createSanitizer } from './sanitize.ts'
import type { MarkdownStream } from './stream.ts'

/** For terminals whose `cursor` is false. The text ends with a newline. */
export function createPlainStream(options: { readonly write: (text: string) => void }): MarkdownStream {
  const sanitizer = createSanitizer()
  let last = '\n'
  let isOver = false
  const nothing = () => {}
  const push = (delta: string) => write(sanitizer.push(delta))
  return { push, end: async () => finish(), abort: finish, resize: nothing, hide: nothing, redraw: nothing }

  function write(text: string): void {
    if (isOver || text === '') return
    last = text.slice(-1)
    options.write(text)
  }

  function finish(): void {
    write(sanitizer.end())
    if (last !== '\n') write('\n')
    isOver = true
  }
}
