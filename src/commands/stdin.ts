// Standard input as a part of the prompt: read only where something was piped in, and never waited for without end.

import { fstatSync } from 'node:fs'
import { BOUNDS } from '../protocol/bounds.ts'
import { NatterError } from '../protocol/errors.ts'

/** With a prompt argument, a pipe that stays silent this long is taken for one that nobody writes to (cron, ssh). */
const SILENCE_MS = 3_000

export interface StdinOptions {
  /** `-`: read it whatever it is. */
  readonly forced: boolean
  /** Without another prompt there is nothing to go on with, so waiting has no limit. */
  readonly hasPrompt: boolean
  readonly note: (text: string) => void
  readonly signal: AbortSignal
}

/** The text, bytes exact; null where there is none to read. */
export async function readStdin(options: StdinOptions): Promise<string | null> {
  if (!options.forced && !isPiped()) return null
  const chunks = await readChunks(options)
  return chunks === null ? null : decode(Buffer.concat(chunks))
}

/** A pipe, a socket (what many programs give their children) or a file; not a terminal, not /dev/null. */
function isPiped(): boolean {
  try {
    const stat = fstatSync(0)
    return stat.isFIFO() || stat.isFile() || stat.isSocket()
  } catch {
    // Closed: there is nothing to read.
    return false
  }
}

function readChunks({ hasPrompt, forced, note, signal }: StdinOptions): Promise<Buffer[] | null> {
  return new Promise((resolve, reject) => {
    const chunks: Buffer[] = []
    let size = 0
    const timer = hasPrompt && !forced ? setTimeout(giveUp, SILENCE_MS) : undefined
    const input = process.stdin
    signal.addEventListener('abort', leave)
    if (signal.aborted) leave()
    input.on('data', (chunk: Buffer) => {
      clearTimeout(timer)
      size += chunk.length
      if (size > BOUNDS.promptBytes) finish(() => reject(tooLarge()))
      else chunks.push(chunk)
    })
    input.on('end', () => finish(() => resolve(chunks)))
    input.on('error', (cause) =>
      finish(() => reject(new NatterError('usage', `Cannot read standard input: ${cause.message}`, { cause }))),
    )

    function giveUp(): void {
      note('nothing came on standard input for 3 s: going on without it')
      finish(() => resolve(null))
    }
    function leave(): void {
      finish(() => reject(signal.reason))
    }
    function finish(settle: () => void): void {
      clearTimeout(timer)
      signal.removeEventListener('abort', leave)
      input.removeAllListeners()
      input.on('error', () => {})
      input.destroy()
      settle()
    }
  })
}

function tooLarge(): NatterError {
  const limit = Math.round(BOUNDS.promptBytes / 1024 / 1024)
  return new NatterError('too-large', `Cannot read standard input: it is larger than ${limit} MB`, {
    hint: 'Send a part of it',
  })
}

function decode(bytes: Buffer): string {
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes)
  } catch (cause) {
    throw new NatterError('usage', 'Cannot read standard input: it is not UTF-8 text', {
      hint: 'Convert it first, for example with iconv',
      cause,
    })
  }
}

/** Piped text first, a blank line, then the argument. */
export function joinPrompt(piped: string | null, argument: string | null): string {
  if (piped === null || piped === '') return argument ?? ''
  if (argument === null || argument === '') return piped
  return `${piped}${piped.endsWith('\n') ? '\n' : '\n\n'}${argument}`
}
