// The system's keychain, reached through a child process: a locked or hanging keychain cannot hold up the daemon.

import { type ChildProcess, spawn } from 'node:child_process'
import { randomUUID } from 'node:crypto'
import { existsSync } from 'node:fs'
import { createRequire } from 'node:module'
import { KEYCHAIN_SCRIPT } from './keychain-script.ts'
import type { Keychain } from './keys.ts'

export interface KeychainOptions {
  /** What its entries are filed under. */
  readonly service: string
  /** How long one request may take; the system may ask the user to unlock. */
  readonly answerMs?: number
  /** The keychain package, or one that acts like it. */
  readonly modulePath?: string
  readonly environment?: { readonly [name: string]: string | undefined }
}

interface Answer {
  readonly requestId: number
  readonly value?: string | boolean | null
  readonly error?: string
}

interface Waiting {
  readonly resolve: (value: Answer['value']) => void
  readonly reject: (error: Error) => void
  readonly timer: NodeJS.Timeout
}

type Request = { readonly action: 'read' | 'write' | 'remove'; readonly account: string; readonly key?: string }

const ANSWER_MS = 30_000
const PROBE_MS = 5000
const IDLE_MS = 10_000

/** A keychain that has proved that it writes, reads and deletes; null where there is none. Never throws. */
export async function findKeychain(options: KeychainOptions): Promise<Keychain | null> {
  const environment = options.environment ?? process.env
  if (options.modulePath === undefined && !mayExist(environment)) return null
  const modulePath = options.modulePath ?? resolvePackage()
  if (modulePath === null) return null
  const probe = createKeychain({ ...options, modulePath, answerMs: Math.min(PROBE_MS, options.answerMs ?? PROBE_MS) })
  try {
    return (await works(probe)) ? createKeychain({ ...options, modulePath }) : null
  } catch {
    // Whatever the reason, keys go to the file, and that is shown.
    return null
  } finally {
    probe[Symbol.dispose]()
  }
}

async function works(keychain: Keychain): Promise<boolean> {
  const account = `natter-probe-${randomUUID()}`
  const value = randomUUID()
  await keychain.write(account, value)
  const found = await keychain.read(account)
  return (await keychain.remove(account)) && found === value
}

/** Without a session bus there is no Secret Service, and no process need be started to learn that. */
function mayExist(environment: NodeJS.ProcessEnv): boolean {
  return process.platform !== 'linux' || busOf(environment) !== null
}

function busOf(environment: NodeJS.ProcessEnv): string | null {
  const named = environment['DBUS_SESSION_BUS_ADDRESS']
  if (named !== undefined && named !== '') return named
  const socket = `${environment['XDG_RUNTIME_DIR'] ?? ''}/bus`
  return socket !== '/bus' && existsSync(socket) ? `unix:path=${socket}` : null
}

function resolvePackage(): string | null {
  try {
    return createRequire(import.meta.url).resolve('@napi-rs/keyring')
  } catch {
    return null
  }
}

/** Not proved to work; `findKeychain` does that. */
function createKeychain(options: KeychainOptions & { readonly modulePath: string }): Keychain {
  const { service, modulePath, answerMs = ANSWER_MS, environment = process.env } = options
  const waiting = new Map<number, Waiting>()
  let child: ChildProcess | null = null
  let idle: NodeJS.Timeout | null = null
  let lastId = 0

  return {
    async read(account) {
      const value = await ask({ action: 'read', account })
      return typeof value === 'string' ? value : null
    },
    async write(account, key) {
      await ask({ action: 'write', account, key })
    },
    remove: async (account) => (await ask({ action: 'remove', account })) === true,
    [Symbol.dispose]: () => end(new Error('it was closed')),
  }

  function ask(request: Request): Promise<Answer['value']> {
    if (idle !== null) clearTimeout(idle)
    lastId += 1
    const requestId = lastId
    const { promise, resolve, reject } = Promise.withResolvers<Answer['value']>()
    // What hangs once would hang again: the whole process goes, and the next request starts a new one.
    const timer = setTimeout(() => end(new Error(`it did not answer within ${answerMs / 1000} s`)), answerMs)
    waiting.set(requestId, { resolve, reject, timer })
    child ??= start()
    child.send({ requestId, service, ...request }, (error) => {
      if (error !== null) end(error)
    })
    return promise
  }

  function start(): ChildProcess {
    const started = spawn(process.execPath, ['-e', KEYCHAIN_SCRIPT, modulePath], {
      stdio: ['ignore', 'ignore', 'ignore', 'ipc'],
      env: childEnvironment(environment),
    })
    started.on('message', (answer: Answer) => settle(answer))
    started.on('error', (error) => onEnd(started, error))
    started.on('exit', () => onEnd(started, new Error('its process ended')))
    // Only a request that waits keeps the daemon alive, and its timer does that.
    started.unref()
    started.channel?.unref()
    return started
  }

  function settle({ requestId, value, error }: Answer): void {
    const request = waiting.get(requestId)
    if (request === undefined) return
    waiting.delete(requestId)
    clearTimeout(request.timer)
    if (waiting.size === 0) idle = setTimeout(() => end(new Error('it was idle')), IDLE_MS).unref()
    if (error === undefined) request.resolve(value)
    else request.reject(new Error(error))
  }

  function onEnd(ended: ChildProcess, error: Error): void {
    if (child === ended) end(error)
  }

  function end(error: Error): void {
    if (idle !== null) clearTimeout(idle)
    child?.kill('SIGKILL')
    child = null
    for (const request of waiting.values()) {
      clearTimeout(request.timer)
      request.reject(error)
    }
    waiting.clear()
  }
}

/** No options for Node and no other keys; the bus is named, since the library finds it only by name. */
function childEnvironment(environment: NodeJS.ProcessEnv): NodeJS.ProcessEnv {
  const kept = Object.entries(environment).filter(([name]) => !/^NODE_|_API_KEY$/.test(name))
  const bus = process.platform === 'linux' ? busOf(environment) : null
  return { ...Object.fromEntries(kept), ...(bus !== null && { DBUS_SESSION_BUS_ADDRESS: bus }) }
}
