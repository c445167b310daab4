// How client and daemon recognise each other.

/**
 * Raised whenever a client and a daemon on two sides of a change would misunderstand or refuse each other: an operation,
 * a field of a request, a field or an event that the other side reads, added, renamed, removed or of another meaning.
 * Requests refuse fields they do not know, so what is only added counts as well; a field that an answer gains does not.
 * Clients of all protocols speak these with daemons of all others, and they never change: `GET /api/hello`,
 * `status` with `pid` and `activeTurns`, and `shutdown` with `drain`, `onlyIfIdle`, `stopping` and `activeTurns`.
 */
export const PROTOCOL = 2

/** The answer of `GET /api/hello`. */
export interface Hello {
  readonly protocol: number
  readonly version: string
  readonly build: string
}

/** What the daemon writes to `daemon.json`; information only, the lock is the truth. */
export interface DaemonFile extends Hello {
  readonly socket: string
  readonly pid: number
}

export const DAEMON_FILE = 'daemon.json'
export const LOCK_FILE = 'daemon.lock'
export const LOG_FILE = 'natterd.log'
