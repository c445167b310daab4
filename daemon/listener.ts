// The owner's socket: in a directory that is ours alone, bound again should somebody take the file away.

import { chmodSync, lstatSync, mkdirSync, rmSync, statSync } from 'node:fs'
import type { RequestListener, Server } from 'node:http'
import { NatterError } from '../src/protocol/errors.ts'
import type { Paths } from '../src/protocol/paths.ts'
import { answerMalformed } from './server/malformed.ts'

// An import of the module would read all its exports, one of which loads a second HTTP client: 14 ms.
const { createServer } = process.getBuiltinModule('node:http')

/** How often the socket file is looked at, in milliseconds. */
const SELF_CHECK_MS = 10_000

export interface Listener {
  /** Takes no new connections; those that are open go on. */
  close(): void
  /** Ends the open connections too. */
  destroy(): void
}

/** Only the holder of the lock may call this: whatever lies at the path is stale. */
export async function listen(paths: Paths, handle: RequestListener, onRebound: () => void): Promise<Listener> {
  if (process.platform !== 'win32') claimDirectory(paths.runtime)
  const servers: Server[] = [await bind(paths.socket, handle)]
  let inode = inodeOf(paths.socket)
  const check = setInterval(() => {
    const now = inodeOf(paths.socket)
    if (now !== null && now === inode) return
    void rebind()
  }, SELF_CHECK_MS)
  check.unref()
  return {
    close() {
      clearInterval(check)
      for (const server of servers) server.close()
    },
    destroy() {
      for (const server of servers) server.closeAllConnections()
    },
  }

  async function rebind(): Promise<void> {
    try {
      claimDirectory(paths.runtime)
      servers.push(await bind(paths.socket, handle))
      inode = inodeOf(paths.socket)
      onRebound()
    } catch {
      // The directory may be gone or foreign for a while; the next check tries again.
    }
  }
}

async function bind(socket: string, handle: RequestListener): Promise<Server> {
  if (lstatSync(socket, { throwIfNoEntry: false })?.isDirectory()) {
    throw new NatterError('daemon-unreachable', `Cannot listen on "${socket}": a directory lies there`, {
      hint: `Move "${socket}" away`,
    })
  }
  rmSync(socket, { force: true })
  // A missing Host and an unknown Expect are refused where every request is, not by Node, which would give no reason.
  const server = createServer({ keepAliveTimeout: 60_000, requestTimeout: 60_000, requireHostHeader: false }, handle)
  server.on('checkExpectation', handle)
  server.on('clientError', answerMalformed)
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject)
    server.listen(socket, () => resolve())
  })
  if (process.platform !== 'win32') chmodSync(socket, 0o600)
  return server
}

/** Foreign or shared, it would let others take the socket's place. */
function claimDirectory(directory: string): void {
  try {
    mkdirSync(directory, { recursive: true, mode: 0o700 })
  } catch (cause) {
    const { code } = cause as NodeJS.ErrnoException
    if (code === 'EEXIST' || code === 'ENOTDIR') throw unusable(directory, cause)
    throw cause
  }
  const stat = lstatSync(directory)
  if (!stat.isDirectory() || stat.uid !== process.getuid?.()) throw unusable(directory)
  chmodSync(directory, 0o700)
}

function unusable(directory: string, cause?: unknown): NatterError {
  return new NatterError('daemon-unreachable', `Cannot listen in "${directory}": it must be a directory of your own`, {
    hint: 'Remove it, or set NATTER_HOME to a directory of yours',
    cause,
  })
}

function inodeOf(path: string): number | null {
  try {
    return statSync(path).ino
  } catch {
    return null
  }
}
