// The daemon's log: JSON lines, 5 files of 10 MB, mode 0600, no keys.

import { type Logger, pino } from 'pino'
import { createStream } from 'rotating-file-stream'

export type Log = Logger

export interface LogOptions {
  readonly directory: string
  readonly file: string
  readonly level: string
  /** Takes keys out of a text. */
  readonly redact: (text: string) => string
}

/** Lines of so many milliseconds go to the disk together. */
const FLUSH_MS = 100

export interface OpenLog extends AsyncDisposable {
  readonly log: Log
}

export function openLog({ directory, file, level, redact }: LogOptions): OpenLog {
  const stream = createStream(file, { path: directory, size: '10M', maxFiles: 5, mode: 0o600 })
  // A full disk must not end the daemon; what was not written is lost, and the next line tries again.
  stream.on('error', () => {})
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
    if (lines !== '') stream.write(lines)
    lines = ''
  }
}
