// The TCP door: opened and closed on the owner's word, which the settings keep, so that it is open again after a restart.

import { networkInterfaces } from 'node:os'
import { NatterError } from '../src/protocol/errors.ts'
import type { DeviceId } from '../src/protocol/ids.ts'
import { SERVE_DEVICE, SERVE_HOST, SERVE_PORT } from '../src/protocol/schema/devices.ts'
import type { RequestOf, ResponseOf } from '../src/protocol/schema/operations.ts'
import type { Devices } from './devices/devices.ts'
import type { TcpServer } from './server/tcp-server.ts'
import { createPeers, isLoopback } from './server/trust-peers.ts'
import { toHostName, toNames } from './server/trust-request.ts'
import type { SettingsFile } from './settings.ts'
import { listenTcp, type TcpAddress, type TcpListener } from './tcp-listener.ts'

/** Strangers that the log names before it falls silent about them. */
const STRANGERS_MAX = 100
/** What is stopped at the end of the patience still says so, within this time. */
const LAST_WORDS_MS = 500
const LOCALHOST: readonly string[] = ['127.0.0.1', '::1']

export interface Serve {
  readonly isListening: boolean
  state(): ResponseOf<'status'>['serve']
  start(request: RequestOf<'serve.start'>): Promise<ResponseOf<'serve.start'>>
  stop(): Promise<ResponseOf<'serve.stop'>>
  /** Opens the door if the settings say that it was open; why it stays closed is told by `state`. */
  resume(): Promise<void>
  /** What is being answered to that device ends. */
  endDevice(deviceId: DeviceId): void
  /** Takes no new connections. */
  close(): void
  drain(patienceMs: number): Promise<void>
  destroy(): Promise<void>
}

export interface ServeOptions {
  readonly settings: SettingsFile
  readonly devices: Devices
  /** Called once, when the door is first opened. */
  readonly openServer: (names: () => ReadonlySet<string>) => Promise<TcpServer>
  readonly log: { warn(facts: object, message: string): void; info(facts: object, message: string): void }
}

export function createServe({ settings, devices, openServer, log }: ServeOptions): Serve {
  let server: TcpServer | null = null
  let listener: TcpListener | null = null
  /** Those that were left too, while answers of theirs go on. */
  const listeners = new Set<TcpListener>()
  let names: ReadonlySet<string> = toNames([])
  let problem: string | null = null
  let last: Promise<unknown> = Promise.resolve()
  return {
    get isListening() {
      return listener !== null
    },
    state: () => ({ url: listener === null ? null : urlOf(listener), problem }),
    start: (request) => inTurn(() => start(request)),
    stop: () => inTurn(stop),
    resume: () => inTurn(resume),
    endDevice: (deviceId) => server?.requests.end(deviceId),
    close: () => listener?.close(),
    drain: async (patienceMs) => server?.requests.drain(patienceMs + LAST_WORDS_MS),
    async destroy() {
      cutAll()
      await server?.close()
    },
  }

  function inTurn<Value>(action: () => Promise<Value>): Promise<Value> {
    const result = last.then(action)
    last = result.catch(() => {})
    return result
  }

  async function start({ port, host, newToken = false }: RequestOf<'serve.start'>): Promise<ResponseOf<'serve.start'>> {
    const stored = settings.all().serve ?? {}
    const now = listener?.address
    const address: TcpAddress = {
      host: host ?? now?.host ?? stored.host ?? SERVE_HOST,
      port: port ?? now?.port ?? stored.port ?? SERVE_PORT,
    }
    const stays = listener !== null && isAt(listener, address) ? listener : null
    const open = stays ?? (await move(address))
    return {
      url: urlOf(open),
      token: await tokenOf(newToken),
      already: stays !== null,
      exposed: !isLoopback(open.bound),
    }
  }

  /** The new place is sure before the old one is left; what is being answered there goes on. */
  async function move(address: TcpAddress): Promise<TcpListener> {
    const left = listener
    try {
      const opened = await take(address)
      keep(opened)
      listener?.close()
      adopt(opened)
      return opened
    } catch (error) {
      if (listener === null && left !== null) await comeBack(left.address)
      throw error
    }
  }

  async function take(address: TcpAddress): Promise<TcpListener> {
    try {
      return await open(address)
    } catch (error) {
      // All addresses of this machine and one of them exclude each other, so it may be we who listen there.
      const isOurs =
        listener?.address.port === address.port && error instanceof NatterError && error.code === 'conflict'
      if (!isOurs) throw error
      listener?.close()
      listener = null
      return await open(address)
    }
  }

  function keep(opened: TcpListener): void {
    try {
      settings.set('serve.port', opened.address.port)
      settings.set('serve.host', opened.address.host)
    } catch (error) {
      opened.destroy()
      throw error
    }
  }

  async function comeBack(address: TcpAddress): Promise<void> {
    try {
      adopt(await open(address))
    } catch (error) {
      notListening(error)
    }
  }

  async function open(address: TcpAddress): Promise<TcpListener> {
    const { peers = [] } = settings.all().serve ?? {}
    server ??= await openServer(() => names)
    const { handle } = server
    const { allows } = createPeers(peers)
    return listenTcp({ address, handle, allows, onStranger: createStrangerLog() })
  }

  function adopt(opened: TcpListener): void {
    const { names: configured = [] } = settings.all().serve ?? {}
    // A page can send "0.0.0.0" as the name of this machine; no client has to.
    names = toNames(isAny(opened.bound) ? configured : [...configured, toHostName(opened.address.host) ?? ''])
    listener = opened
    problem = null
    listeners.add(opened)
    void opened.closed.then(() => listeners.delete(opened))
    log.info(opened.address, 'listening on TCP')
  }

  function cutAll(): void {
    for (const one of listeners) one.destroy()
  }

  /** Null where there is one already, of which only a hash is left. */
  async function tokenOf(newToken: boolean): Promise<string | null> {
    const device = devices.named(SERVE_DEVICE)
    if (device === null) {
      return (await devices.add({ name: SERVE_DEVICE, scopes: ['openai'], monthlyMicros: null })).token
    }
    return newToken ? (await devices.renew(device.deviceId)).token : null
  }

  async function stop(): Promise<ResponseOf<'serve.stop'>> {
    const stopped = listener !== null || settings.get('serve.port') !== undefined
    // The door is closed even where the settings cannot be written.
    cutAll()
    server?.requests.endAll()
    listener = null
    problem = null
    for (const name of ['serve.port', 'serve.host']) {
      if (settings.get(name) !== undefined) settings.set(name, null)
    }
    if (stopped) log.info({}, 'listening on TCP no more')
    return { stopped }
  }

  async function resume(): Promise<void> {
    try {
      const { port, host = SERVE_HOST } = settings.all().serve ?? {}
      if (port === undefined) return
      if (devices.list().length === 0) throw noDevice()
      adopt(await open({ host, port }))
    } catch (error) {
      notListening(error)
    }
  }

  function notListening(error: unknown): void {
    problem = error instanceof Error ? error.message : String(error)
    log.warn({ err: error }, 'not listening on TCP')
  }

  /** Each is named once: who knocks all the time shall not fill the log. */
  function createStrangerLog(): (peer: string | undefined) => void {
    const told = new Set<string>()
    return (peer = 'unknown') => {
      if (told.has(peer) || told.size >= STRANGERS_MAX) return
      told.add(peer)
      log.warn({ peer }, 'a peer outside of the private networks and of "serve.peers" was turned away')
    }
  }
}

function noDevice(): NatterError {
  return new NatterError('conflict', 'Cannot listen on TCP: no device has a token', { hint: 'Run "natter serve"' })
}

/** Under whatever name: a move to where it is would be none. */
function isAt({ address, bound }: TcpListener, { host, port }: TcpAddress): boolean {
  const isHere = host === address.host || host === bound || (host === 'localhost' && LOCALHOST.includes(bound))
  return isHere && (port === 0 || port === address.port)
}

/** All addresses of this machine. */
function isAny(bound: string): boolean {
  return bound === '0.0.0.0' || bound === '::'
}

/** As a client of this machine, or of its network, would write it. */
function urlOf({ address, bound }: TcpListener): string {
  return `http://${toHostName(isAny(bound) ? networkAddress() : address.host)}:${address.port}`
}

/** Of several networks the first; without any this machine alone can reach it. */
function networkAddress(): string {
  const addresses = Object.values(networkInterfaces()).flatMap((all) => all ?? [])
  return addresses.find(({ internal, family }) => !internal && family === 'IPv4')?.address ?? SERVE_HOST
}
