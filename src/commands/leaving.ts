// Why a command ends before it is done: Ctrl-C, SIGTERM, or nobody who reads what it prints.

export const EXIT_INTERRUPTED = 130
const EXIT_TERMINATED = 143
/** How long SIGTERM leaves a command to end by itself, in milliseconds. */
const GRACE_MS = 2_000

export interface Leaving {
  /** Aborted by the first Ctrl-C or SIGTERM. */
  readonly signal: AbortSignal
  /** The exit code of what the signal ended. */
  exitCode(): number
  /** What is done before the process ends because its reader is gone. */
  whenUnread(action: () => Promise<void>): void
}

/** SIGHUP stays what it is: a terminal that closes ends the command and stops no answer. */
export function watchForLeaving(process: NodeJS.Process): Leaving {
  const interrupt = new AbortController()
  let code = EXIT_INTERRUPTED
  let farewell: (() => Promise<void>) | null = () => Promise.resolve()
  process.on('SIGINT', () => {
    // The second one means it.
    if (interrupt.signal.aborted) process.exit(code)
    interrupt.abort()
  })
  // Sent to a whole group, a launcher passes it on once more: a second one says nothing new.
  process.on('SIGTERM', () => {
    if (interrupt.signal.aborted) return
    code = EXIT_TERMINATED
    setTimeout(() => process.exit(code), GRACE_MS).unref()
    interrupt.abort()
  })
  process.stdout.on('error', (error: NodeJS.ErrnoException) => {
    // Whoever read us has seen enough, as in `natter … | head`.
    if (error.code === 'EPIPE') return leave()
    process.stderr.write(`natter: Cannot write to standard output: ${error.message}\n`)
    process.exit(1)
  })
  return {
    signal: interrupt.signal,
    exitCode: () => code,
    whenUnread: (action) => {
      farewell = action
    },
  }

  function leave(): void {
    const action = farewell
    farewell = null
    void action?.().finally(() => process.exit(0))
  }
}
