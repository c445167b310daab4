// The daemon's log: JSON lines, 5 files of 10 MB, mode 0600, no keys.

import { type Logger, pino } from 'pino'
import { createStream, type RotatingFileStream } from 'rotating-file-stream'

export type Log = Logger

export interface LogOptions {
  readonly directory: string
  readonly file: string
  readonly level: string
  /** Takes keys out of a text. */
  readonly redact: (text: string) => string
}

/** Beside the one that is written to. */
const ROTATED_FILES = 4
/** Lines of so many milliseconds go to the disk together. */
const FLUSH_MS = 100

export interface OpenLog extends AsyncDisposable {
  readonly log: Log
}

export function openLog({ directory, file, level, redact }: LogOptions): OpenLog {
  let stream = openStream()
  let lines = ''
  let timer: NodeJS.Timeout | null = null
  const log = pino(
    {
      level,
      base: { pid: process.pid },
      timestamp: () => `,"time":"${new Date().toISOString()}"`,
      formatters: { level: (label) => ({ level: label }) },
      redact: { paths: ['*.apiKey', '*.authorization', 'environment', '*.environment'], censor: '[redacted]' },
    },
    { write },
  )
  return {
    log,
    [Symbol.asyncDispose]: () => {
      flush()
      return new Promise((resolve) => stream.end(() => resolve()))
    },
  }

  function write(line: string): void {
    lines += redact(line)
    timer ??= setTimeout(flush, FLUSH_MS)
  }

  function flush(): void {
    if (timer !== null) clearTimeout(timer)
    timer = null
    if (lines === '') return
    // A stream that failed once takes nothing any more, however much room there is by now.
    if (stream.destroyed) stream = openStream()
    stream.write(lines)
    lines = ''
  }

  function openStream(): RotatingFileStream {
    const opened = createStream(file, { path: directory, size: '10M', rotate: ROTATED_FILES, mode: 0o600 })
    // A full disk must not end the daemon; what was not written is lost, and the next lines try again.
    opened.on('error', () => {})
    return opened
  }
}
