// How client and daemon recognise each other.

/** Raised when an old client and a new daemon could misunderstand each other. */
export const PROTOCOL = 1

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
