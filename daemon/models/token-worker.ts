// Runs on a worker thread: counts tokens with the real tokenizer, whose tables take 150 ms and 70 MB to load.

import { parentPort } from 'node:worker_threads'
import type { Encoding } from './token-families.ts'

export interface CountRequest {
  readonly countId: number
  readonly encoding: Encoding
  readonly text: string
}

export interface CountAnswer {
  readonly countId: number
  readonly tokens: number
}

/** The tokenizer needs time in the square of an unbroken run: 50,000 letters took 3 s, in pieces of this size 20 ms. */
const RUN_MAX = 2000
const LONG_RUN = new RegExp(`\\S{${RUN_MAX + 1},}|\\s{${RUN_MAX + 1},}`, 'g')
/** Keeps the memory for merged pieces small, however long the pieces are. */
const CACHED_PIECES = 10_000

/** Text that looks like a special token is text. */
const PLAIN = { allowedSpecial: new Set<string>(), disallowedSpecial: new Set<string>() }

async function load(encoding: Encoding) {
  switch (encoding) {
    case 'o200k_base':
      return await import('gpt-tokenizer/encoding/o200k_base')
    case 'cl100k_base':
      return await import('gpt-tokenizer/encoding/cl100k_base')
  }
}

async function count({ encoding, text }: CountRequest): Promise<number> {
  const { countTokens, setMergeCacheSize } = await load(encoding)
  setMergeCacheSize(CACHED_PIECES)
  let tokens = 0
  for (const piece of pieces(text)) tokens += countTokens(piece, PLAIN)
  return tokens
}

function* pieces(text: string): Generator<string> {
  let done = 0
  for (const { 0: run, index } of text.matchAll(LONG_RUN)) {
    if (index > done) yield text.slice(done, index)
    yield* cut(run)
    done = index + run.length
  }
  if (done < text.length) yield text.slice(done)
}

/** Never between the two halves of one character. */
function* cut(run: string): Generator<string> {
  let start = 0
  while (start < run.length) {
    let end = start + RUN_MAX
    const last = run.charCodeAt(end - 1)
    if (last >= 0xd800 && last < 0xdc00) end += 1
    yield run.slice(start, end)
    start = end
  }
}

parentPort?.on('message', (request: CountRequest) => {
  count(request).then(
    (tokens) => parentPort?.postMessage({ countId: request.countId, tokens } satisfies CountAnswer),
    (error: unknown) => {
      // Whoever waits falls back to an estimate when this thread ends.
      throw error
    },
  )
})
