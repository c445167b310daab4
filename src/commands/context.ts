// What every command is given: the daemon, the streams, and the surroundings; made once, in cli.ts.

import type { Client } from '../client/api.ts'
import type { Paths } from '../protocol/paths.ts'

export interface CommandContext {
  readonly client: Client
  readonly paths: Paths
  readonly env: NodeJS.ProcessEnv
  /** The answer and nothing else. */
  readonly stdout: NodeJS.WriteStream
  /** Everything else. */
  readonly stderr: NodeJS.WriteStream
  /** One line to stderr, sanitized; silent with --quiet. */
  note(text: string): void
  /** Aborted by the first Ctrl-C or SIGTERM. */
  readonly signal: AbortSignal
  /** What is done before the process ends because nobody reads its standard output any more. */
  whenUnread(action: () => Promise<void>): void
}
