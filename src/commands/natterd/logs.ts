// natter daemon logs: the end of the log, and what is added to it.

import { type FileHandle, open, stat } from 'node:fs/promises'
import { setTimeout as delay } from 'node:timers/promises'
import { LOG_FILE } from '../../protocol/hello.ts'
import type { CommandContext } from '../context.ts'
import { themeOf } from '../print.ts'
import { formatLogLine } from './log-line.ts'

const POLL_MS = 150
const CHUNK_BYTES = 64 * 1024

interface LogsOptions {
  readonly follow?: boolean
  readonly lines: number
}

export async function showLogs(context: CommandContext, { follow = false, lines }: LogsOptions): Promise<void> {
  const file = `${context.paths.state}/${LOG_FILE}`
  const handle = await openLog(file)
  if (handle === null && !follow) return context.note('natterd has not written a log yet')
  const print = createPrinter(context)
  let from = 0
  if (handle !== null) {
    const { text, end } = await readEnd(handle, lines)
    print(text)
    from = end
  }
  if (follow) await followLog({ file, handle, from, print, signal: context.signal })
  else {
    if (handle !== null) await handle.close()
  }
}

/** JSON lines as they are, but readable on a terminal. Half a line waits for its end. */
function createPrinter(context: CommandContext): (text: string) => void {
  const { stdout } = context
  if (stdout.isTTY !== true) return (text) => void stdout.write(text)
  const theme = themeOf(context)
  let pending = ''
  return (text) => {
    const lines = (pending + text).split('\n')
    pending = lines.pop() ?? ''
    for (const line of lines) stdout.write(`${formatLogLine(line, theme)}\n`)
  }
}

/** The last lines, read from the end; `end` is where they end in the file. */
async function readEnd(handle: FileHandle, lines: number): Promise<{ readonly text: string; readonly end: number }> {
  const { size } = await handle.stat()
  let start = size
  let bytes = Buffer.alloc(0)
  while (start > 0 && countLines(bytes) <= lines) {
    const length = Math.min(CHUNK_BYTES, start)
    start -= length
    const { buffer } = await handle.read(Buffer.alloc(length), 0, length, start)
    bytes = Buffer.concat([buffer, bytes])
  }
  const all = bytes.toString().split('\n')
  const isComplete = all.at(-1) === ''
  return { text: all.slice(-(lines + (isComplete ? 1 : 0))).join('\n'), end: size }
}

function countLines(bytes: Buffer): number {
  let found = 0
  for (let index = bytes.indexOf(10); index !== -1; index = bytes.indexOf(10, index + 1)) found += 1
  return found
}

interface Following {
  readonly file: string
  readonly handle: FileHandle | null
  readonly from: number
  readonly print: (text: string) => void
  readonly signal: AbortSignal
}

/** Ends with the signal. A log that was rotated away is read to its end before the new one; an emptied one anew. */
async function followLog({ file, handle, from, print, signal }: Following): Promise<void> {
  let current = handle
  let position = from
  const decoder = new TextDecoder()
  while (!signal.aborted) {
    const successor = current === null ? await openLog(file) : await findSuccessor(file, current)
    if (current !== null) position = await readOn(current)
    if (successor !== null) {
      await current?.close()
      current = successor
      position = 0
    } else {
      await delay(POLL_MS, undefined, { signal }).catch(() => {})
    }
  }
  await current?.close()
  throw signal.reason

  async function readOn(log: FileHandle): Promise<number> {
    let next = position
    for (;;) {
      const { bytesRead, buffer } = await log.read(Buffer.alloc(CHUNK_BYTES), 0, CHUNK_BYTES, next)
      if (bytesRead === 0) return (await log.stat()).size < next ? 0 : next
      print(decoder.decode(buffer.subarray(0, bytesRead), { stream: true }))
      next += bytesRead
    }
  }
}

/** The file that now has the name, where that is another. */
async function findSuccessor(file: string, current: FileHandle): Promise<FileHandle | null> {
  try {
    const [named, ours] = await Promise.all([stat(file), current.stat()])
    return named.ino === ours.ino ? null : await openLog(file)
  } catch {
    // Between two files: the next look finds it.
    return null
  }
}

async function openLog(file: string): Promise<FileHandle | null> {
  try {
    return await open(file, 'r')
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return null
    throw error
  }
}
