// Where natter keeps its files: a pure function of the environment, so client and daemon always agree.

export interface Paths {
  /** config.json, ui.json and templates/. */
  readonly config: string
  /** Database and media. */
  readonly data: string
  /** Logs, the daemon's lock and daemon.json. */
  readonly state: string
  /** The directory of the socket; mode 0700, owner checked. */
  readonly runtime: string
  readonly socket: string
}

export interface PathContext {
  readonly env: { readonly [name: string]: string | undefined }
  readonly platform: string
  readonly uid: number
  readonly home: string
  readonly temporary: string
}

/** Longest socket path that every supported system takes, in bytes (macOS: sun_path holds 104 with its end). */
const SOCKET_PATH_MAX = 103

/**
 * XDG directories, or everything under NATTER_HOME.
 * Relative XDG values are ignored, as the XDG Base Directory Specification asks.
 */
export function resolvePaths(context: PathContext): Paths {
  const { env, home } = context
  const root = env['NATTER_HOME']
  if (root !== undefined && root !== '') {
    const base = absolute(root) ? root : `${home}/${root}`
    return withSocket(context, {
      config: `${base}/config`,
      data: `${base}/data`,
      state: `${base}/state`,
      runtime: `${base}/run`,
    })
  }
  const xdgRuntime = env['XDG_RUNTIME_DIR']
  return withSocket(context, {
    config: `${xdg(env['XDG_CONFIG_HOME'], `${home}/.config`)}/natter`,
    data: `${xdg(env['XDG_DATA_HOME'], `${home}/.local/share`)}/natter`,
    state: `${xdg(env['XDG_STATE_HOME'], `${home}/.local/state`)}/natter`,
    runtime:
      xdgRuntime !== undefined && absolute(xdgRuntime)
        ? `${xdgRuntime}/natter`
        : `${context.temporary}/natter-${context.uid}`,
  })
}

function withSocket(context: PathContext, directories: Omit<Paths, 'socket'>): Paths {
  if (context.platform === 'win32') {
    return { ...directories, socket: `\\\\.\\pipe\\natter-${hashOf(directories.state)}` }
  }
  // Two homes of one user may share the runtime directory, but never a daemon.
  const name = `natterd-${hashOf(directories.state)}.sock`
  const socket = `${directories.runtime}/${name}`
  if (byteLength(socket) <= SOCKET_PATH_MAX) return { ...directories, socket }
  const runtime = `${context.temporary}/natter-${context.uid}`
  return { ...directories, runtime, socket: `${runtime}/${name}` }
}

function xdg(value: string | undefined, fallback: string): string {
  return value !== undefined && absolute(value) ? value : fallback
}

function absolute(path: string): boolean {
  return path.startsWith('/') || /^[A-Za-z]:[\\/]/.test(path)
}

function byteLength(text: string): number {
  return new TextEncoder().encode(text).length
}

/** FNV-1a, 32 bit: enough to keep two homes of one user apart. */
function hashOf(text: string): string {
  let hash = 0x811c9dc5
  for (const byte of new TextEncoder().encode(text)) hash = Math.imul(hash ^ byte, 0x01000193) >>> 0
  return hash.toString(16).padStart(8, '0')
}
