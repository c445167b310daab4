// What the client takes from its surroundings: paths, the provider variables of the shell, the place it stands in.

import { readlinkSync } from 'node:fs'
import { homedir, tmpdir } from 'node:os'
import { type Paths, resolvePaths } from '../protocol/paths.ts'
import { PROVIDER_VARIABLES, type ProviderEnvironment } from '../protocol/schema/environment.ts'
import type { RequestOf } from '../protocol/schema/operations.ts'

export function currentPaths(): Paths {
  return resolvePaths({
    env: process.env,
    platform: process.platform,
    uid: process.getuid?.() ?? 0,
    home: homedir(),
    temporary: tmpdir(),
  })
}

/** A token of natterd's own door, which other programs of this shell are to use. */
const OWN_TOKEN = /^nt_[0-9a-f]{16}_/
const OF_OWN_DOOR = ['OPENAI_API_KEY', 'OPENAI_BASE_URL']

/** Whether what this shell says of OpenAI leads to natterd, which would be asked to ask itself. */
export function pointsAtOwnDoor(env: NodeJS.ProcessEnv): boolean {
  return OWN_TOKEN.test(env['OPENAI_API_KEY'] ?? '')
}

/** Those provider variables that are set in this shell; both spellings of the proxies count. */
export function providerEnvironment(env: NodeJS.ProcessEnv): ProviderEnvironment {
  const found: ProviderEnvironment = {}
  const isOwnDoor = pointsAtOwnDoor(env)
  for (const name of PROVIDER_VARIABLES) {
    if (isOwnDoor && OF_OWN_DOOR.includes(name)) continue
    const value = env[name] ?? (name.endsWith('_PROXY') ? env[name.toLowerCase()] : undefined)
    if (value !== undefined && value !== '') found[name] = value
  }
  return found
}

export type Place = RequestOf<'conversations.latest'>['place']

/** This terminal and this directory: what "continue" means here. */
export function currentPlace(): Place {
  return { tty: terminalName(), directory: workingDirectory() }
}

function workingDirectory(): string | null {
  try {
    return process.cwd()
  } catch {
    // It was removed under us; the terminal still tells.
    return null
  }
}

/** A pseudo terminal's number is soon given to another window, so a multiplexer's or terminal's own id is added. */
function terminalName(): string | null {
  const { TMUX_PANE, STY, WINDOWID, TERM_SESSION_ID, KITTY_WINDOW_ID, WT_SESSION } = process.env
  const session = TERM_SESSION_ID ?? WT_SESSION ?? KITTY_WINDOW_ID ?? WINDOWID ?? STY ?? ''
  for (const descriptor of [0, 2, 1]) {
    try {
      const name = readlinkSync(`/dev/fd/${descriptor}`)
      if (/^\/dev\/(pts\/|tty)/.test(name)) return [name, TMUX_PANE ?? '', session].join(' ').trim()
    } catch {
      // No such file system (Windows), or the descriptor is closed: the directory still tells.
    }
  }
  return session === '' ? null : session
}
