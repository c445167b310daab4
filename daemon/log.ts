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

export interface OpenLog extends AsyncDisposable {
  readonly log: Log
}

export function openLog({ directory, file, level, redact }: LogOptions): OpenLog {
  const stream = createStream(file, { path: directory, size: '10M', maxFiles: 5, mode: 0o600 })
  // A full disk must not end the daemon; what was not written is lost, and the next line tries again.
  stream.on('error', () => {})
  const log = pino(
    {
      level,
      base: { pid: process.pid },
      timestamp: () => `,"time":"${new Date().toISOString()}"`,
      formatters: { level: (label) => ({ level: label }) },
      redact: { paths: ['*.apiKey', '*.authorization', 'environment', '*.environment'], censor: '[redacted]' },
    },
    { write: (line: string) => stream.write(redact(line)) },
  )
  return {
    log,
    [Symbol.asyncDispose]: () => new Promise((resolve) => stream.end(() => resolve())),
  }
}
