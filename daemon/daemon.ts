// The composition root: builds the rooms, starts them, stops them in reverse.

import { mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { DAEMON_FILE, type DaemonFile, type Hello, LOG_FILE, PROTOCOL } from '../src/protocol/hello.ts'
import type { Paths } from '../src/protocol/paths.ts'
import { createRedactor } from '../src/protocol/redact.ts'
import type { ResponseOf } from '../src/protocol/schema/operations.ts'
import { createMemoryHub } from './hub/memory-hub.ts'
import { openKeyStore } from './keys/key-store.ts'
import { listen } from './listener.ts'
import { type Log, openLog } from './log.ts'
import { openCatalogue } from './models/catalogue.ts'
import { createTokenCounter } from './models/tokens.ts'
import { createProviders } from './providers/registry.ts'
import { createSequence } from './sequence.ts'
import { createAdminHandlers } from './server/admin-handlers.ts'
import { createConversationHandlers } from './server/conversation-handlers.ts'
import { createSocketServer } from './server/socket-server.ts'
import { createTurnHandlers } from './server/turn-handlers.ts'
import { openSettings } from './settings.ts'
import { openStore } from './store/sqlite-store.ts'
import type { Store } from './store/store.ts'
import { estimateTurn } from './turn/estimate.ts'
import { listModels } from './turn/list-models.ts'
import { announceRecovered } from './turn/recovered.ts'
import type { Rooms } from './turn/rooms.ts'
import { createTurns } from './turn/turns.ts'

const IDLE_EXIT_MINUTES = 30
const DRAIN_SECONDS = 10
const IDLE_CHECK_MS = 15_000

export interface DaemonOptions {
  /** A supervisor keeps it: it never leaves by itself. */
  readonly service: boolean
}

export interface Daemon {
  readonly log: Log
  stop(options: { readonly drain: boolean }): void
  /** Resolves when everything is saved and closed. */
  readonly stopped: Promise<void>
}

export async function startDaemon(paths: Paths, { service }: DaemonOptions): Promise<Daemon> {
  const startedAt = Date.now()
  const hello = readHello()
  for (const directory of [paths.config, paths.data]) mkdirSync(directory, { recursive: true, mode: 0o700 })
  const settingsFile = openSettings(paths.config)
  const redactor = createRedactor()
  const { log, [Symbol.asyncDispose]: closeLog } = openLog({
    directory: paths.state,
    file: LOG_FILE,
    level: settingsFile.all().daemon?.logLevel ?? 'info',
    redact: redactor.redact,
  })
  const store: Store = await openStore({
    file: `${paths.data}/natter.db`,
    onStateChange: (state) => {
      log.warn({ state }, 'storage')
      // After a failed sync what was written may be gone: only a look at the whole file can tell.
      if (state === 'suspect') store.maintenance.check().then((found) => log.warn(found, 'database checked'), report)
    },
  })
  const recovered = await store.turns.recover(startedAt)
  const hub = createMemoryHub({ nextSeq: await createSequence(store) })
  const providers = createProviders({ discover: process.env['NATTER_DISCOVER'] !== '0' })
  const keys = openKeyStore({
    file: `${paths.config}/keys.json`,
    keychain: process.env['NATTER_HOME'] === undefined ? 'auto' : 'never',
    config: () => settingsFile.all().providers ?? {},
  })
  const isLocal = (provider: string) =>
    settingsFile.all().providers?.[provider]?.local ?? providers.presets[provider]?.local ?? false
  const tokens = createTokenCounter()
  const rooms: Rooms = {
    store,
    hub,
    providers,
    keys,
    hideKey: redactor.add,
    tokens,
    catalogue: openCatalogue({
      file: `${paths.data}/models.json`,
      overrides: () => settingsFile.all().models ?? {},
      isLocal,
    }),
    settings: () => settingsFile.all(),
    log,
    now: Date.now,
  }
  const turns = createTurns(rooms)
  await announceRecovered(hub, recovered)

  let lastRequestAt = Date.now()
  const closing = new AbortController()
  const server = createSocketServer({
    hello,
    hub,
    handlers: {
      ...createConversationHandlers(store, hub, Date.now),
      ...createTurnHandlers(store, turns, (request) => estimateTurn(rooms, request)),
      ...createAdminHandlers({
        ...rooms,
        settings: settingsFile,
        status,
        activeTurns: () => turns.active,
        stop: (options) => setImmediate(stop, options),
        listModels: (request) => listModels(rooms, request),
      }),
    },
    health: () => ({ status: 'ok', storage: store.maintenance.state(), activeTurns: turns.active, pid: process.pid }),
    onReaderGone: (conversations) => turns.readersGone(conversations),
    onFailure: (error, operation) => log.error({ err: error, operation }, 'request failed'),
    closing: closing.signal,
  })
  await server.ready()
  const listener = await listen(
    paths,
    (request, response) => {
      lastRequestAt = Date.now()
      server.routing(request, response)
    },
    () => log.warn({ socket: paths.socket }, 'socket was taken away; listening again'),
  )
  writeDaemonFile(paths, { ...hello, socket: paths.socket, pid: process.pid })
  log.info({ ...hello, recovered: recovered.length, ms: Date.now() - startedAt }, 'natterd started')

  const { promise: stopped, resolve: finish, reject: fail } = Promise.withResolvers<void>()
  let stopping = false
  const idleCheck = setInterval(leaveWhenIdle, IDLE_CHECK_MS)
  idleCheck.unref()
  return { log, stop, stopped }

  function report(error: unknown): void {
    log.error({ err: error }, 'natterd could not do its work')
  }

  function stop({ drain }: { readonly drain: boolean }): void {
    if (stopping) return
    stopping = true
    const seconds = settingsFile.all().daemon?.drainSeconds ?? DRAIN_SECONDS
    shutDown(drain ? seconds * 1000 : 0).then(finish, fail)
  }

  async function shutDown(patienceMs: number): Promise<void> {
    clearInterval(idleCheck)
    listener.close()
    rmSync(`${paths.state}/${DAEMON_FILE}`, { force: true })
    await turns.drain(patienceMs)
    closing.abort()
    await server.close()
    listener.destroy()
    hub[Symbol.dispose]()
    tokens[Symbol.dispose]()
    keys[Symbol.dispose]()
    await providers.close()
    // What could not be saved is said; the way out is the same.
    await store.close().catch(report)
    log.info({ activeTurns: turns.active }, 'natterd stopped')
    await closeLog()
  }

  function leaveWhenIdle(): void {
    const minutes = settingsFile.all().daemon?.idleExitMinutes ?? IDLE_EXIT_MINUTES
    if (service || minutes === 0 || turns.active > 0 || hub.subscribers > 0) return
    if (Date.now() - lastRequestAt > minutes * 60_000) stop({ drain: true })
  }

  async function status(): Promise<ResponseOf<'status'>> {
    return {
      ...hello,
      pid: process.pid,
      startedAt,
      activeTurns: turns.active,
      subscribers: hub.subscribers,
      rssBytes: process.memoryUsage.rss(),
      idleExitMinutes: service ? 0 : (settingsFile.all().daemon?.idleExitMinutes ?? IDLE_EXIT_MINUTES),
      storage: store.maintenance.state(),
      sqlite: store.maintenance.engine,
      keyStorage: await keys.storage(),
      paths: {
        config: settingsFile.path,
        data: paths.data,
        state: paths.state,
        socket: paths.socket,
        database: store.maintenance.file,
        log: `${paths.state}/${LOG_FILE}`,
      },
    }
  }
}

/** Client and daemon of one build read the same file. */
function readHello(): Hello {
  const text = readFileSync(new URL('../build.json', import.meta.url), 'utf8')
  return { protocol: PROTOCOL, ...(JSON.parse(text) as Omit<Hello, 'protocol'>) }
}

function writeDaemonFile(paths: Paths, facts: DaemonFile): void {
  const file = `${paths.state}/${DAEMON_FILE}`
  writeFileSync(`${file}.new`, `${JSON.stringify(facts)}\n`, { mode: 0o600 })
  renameSync(`${file}.new`, file)
}
