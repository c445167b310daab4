// One write to a reader that may be slow: nothing more is made for it until this one has left.

import type { ServerResponse } from 'node:http'

/** Resolves when the kernel has it all, or the reader is gone. */
export function written(response: ServerResponse, text: string): Promise<void> {
  // As bytes: of a text, Node would keep three bytes for each character while it waits.
  const bytes = Buffer.from(text)
  return new Promise((resolve) => {
    const done = () => {
      response.off('close', done)
      resolve()
    }
    response.on('close', done)
    response.write(bytes, done)
    if (response.destroyed) done()
  })
}
