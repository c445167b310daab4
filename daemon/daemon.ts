// The composition root: opens log, settings and rooms, puts the server before them, stops them in reverse.

import { mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { DAEMON_FILE, type DaemonFile, type Hello, LOG_FILE, PROTOCOL } from '../src/protocol/hello.ts'
import type { Paths } from '../src/protocol/paths.ts'
import { createRedactor } from '../src/protocol/redact.ts'
import type { ResponseOf } from '../src/protocol/schema/operations.ts'
import { openDevices } from './devices/devices.ts'
import { listen } from './listener.ts'
import { type Log, openLog } from './log.ts'
import { openRooms } from './open-rooms.ts'
import { toDoorOptions } from './openai-door.ts'
import { createRest } from './rest.ts'
import { createServe } from './serve.ts'
import { createAdminHandlers } from './server/admin-handlers.ts'
import { createConversationHandlers } from './server/conversation-handlers.ts'
import { createDeviceHandlers } from './server/device-handlers.ts'
import { addOpenAiDoor } from './server/openai/door.ts'
import { createSocketServer } from './server/socket-server.ts'
import { createTcpServer } from './server/tcp-server.ts'
import { createTurnHandlers } from './server/turn-handlers.ts'
import { openSettings, type SettingsFile } from './settings.ts'
import type { Settings } from './settings-schema.ts'
import { estimateTurn } from './turn/estimate.ts'
import { limitsStatus } from './turn/limits-status.ts'
import { listModels } from './turn/list-models.ts'
import { createSingleCalls } from './turn/single-calls.ts'
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
  const settings = openSettings(paths.config)
  const redactor = createRedactor()
  const { log, [Symbol.asyncDispose]: closeLog } = openLog({
    directory: paths.state,
    file: LOG_FILE,
    level: ownSettings(settings).logLevel ?? 'info',
    redact: redactor.redact,
  })
  const {
    rooms,
    recovered,
    close: closeRooms,
  } = await openRooms({
    ...{ paths, settings, log, redactor },
    deviceBudget: (deviceId) => devices.budgetOf(deviceId),
  })
  const { store, hub, keys } = rooms
  const turns = createTurns(rooms, { isKnownDevice: (deviceId) => devices.isKnown(deviceId) })
  const singleCalls = createSingleCalls(rooms)
  const devices = await openDevices({
    ...{ records: store.devices, now: Date.now },
    onEnded(deviceId) {
      serve.endDevice(deviceId)
      void turns.deviceGone(deviceId)
    },
  })
  const closing = new AbortController()
  const door = toDoorOptions(rooms, { turns, singleCalls, log, closing: closing.signal })
  const serve = createServe({
    ...{ settings, devices, log },
    openServer: (names) =>
      createTcpServer({
        ...{ names, metrics, health },
        addRoutes: (tcp) => addOpenAiDoor(tcp, door),
        recognise: devices.recognise,
        onLockedOut: (peer) => log.warn({ peer }, 'too many wrong tokens from a peer'),
        onFailure: (error, path) => log.error({ err: error, path }, 'request over TCP failed'),
        now: () => performance.now(),
      }),
  })

  let lastActiveAt = Date.now()
  const server = createSocketServer({
    hello,
    hub,
    handlers: {
      ...createConversationHandlers(store, hub, Date.now),
      ...createTurnHandlers(store, turns, (request) => estimateTurn(rooms, request)),
      ...createAdminHandlers({
        ...rooms,
        spending: rooms.limits.spending,
        settings,
        status,
        activeTurns: active,
        stop: (options) => setImmediate(stop, options),
        limitsStatus: () => limitsStatus(rooms, devices.list()),
        listModels: (request) => listModels(rooms, request),
      }),
      ...createDeviceHandlers({ devices, startServe: serve.start, stopServe: serve.stop }),
    },
    metrics,
    health,
    addRoutes: (socket) => addOpenAiDoor(socket, door),
    onReadersGone: (conversations) => turns.readersGone(conversations),
    onFailure: (error, operation) => log.error({ err: error, operation }, 'request failed'),
    closing: closing.signal,
  })
  await server.ready()
  const listener = await listen(
    paths,
    (request, response) => {
      lastActiveAt = Date.now()
      server.routing(request, response)
    },
    () => log.warn({ socket: paths.socket }, 'socket was taken away; listening again'),
  )
  await serve.resume()
  writeDaemonFile(paths, { ...hello, socket: paths.socket, pid: process.pid })
  log.info({ ...hello, recovered, ms: Date.now() - startedAt }, 'natterd started')

  const { promise: stopped, resolve: finish, reject: fail } = Promise.withResolvers<void>()
  let stopping = false
  const rest = createRest()
  const idleCheck = setInterval(leaveWhenIdle, IDLE_CHECK_MS)
  idleCheck.unref()
  return { log, stop, stopped }

  function stop({ drain }: { readonly drain: boolean }): void {
    if (stopping) return
    stopping = true
    const seconds = ownSettings(settings).drainSeconds ?? DRAIN_SECONDS
    shutDown(drain ? seconds * 1000 : 0).then(finish, fail)
  }

  /** All that anyone waits for. */
  function active(): number {
    return turns.active + singleCalls.active
  }

  async function shutDown(patienceMs: number): Promise<void> {
    clearInterval(idleCheck)
    listener.close()
    serve.close()
    rmSync(`${paths.state}/${DAEMON_FILE}`, { force: true })
    await allOf([turns.drain(patienceMs), singleCalls.drain(patienceMs), serve.drain(patienceMs)])
    closing.abort('stopping')
    await allOf([server.close(), serve.destroy()])
    listener.destroy()
    await closeRooms()
    log.info('natterd stopped')
    await closeLog()
  }

  /** Whatever fails on the way out, the store is closed. */
  async function allOf(steps: readonly Promise<unknown>[]): Promise<void> {
    for (const step of await Promise.allSettled(steps)) {
      if (step.status === 'rejected') log.error({ err: step.reason }, 'natterd did not stop well')
    }
  }

  function leaveWhenIdle(): void {
    rest.check(active() > 0)
    if (active() > 0 || hub.subscribers > 0) lastActiveAt = Date.now()
    const minutes = idleExitMinutes()
    if (minutes === 0) return
    if (Date.now() - lastActiveAt > minutes * 60_000) stop({ drain: true })
  }

  function idleExitMinutes(): number {
    return service || serve.isListening ? 0 : (ownSettings(settings).idleExitMinutes ?? IDLE_EXIT_MINUTES)
  }

  async function metrics(): Promise<string> {
    return rooms.metrics.text({
      ...hello,
      limits: await limitsStatus(rooms),
      activeTurns: active(),
      subscribers: hub.subscribers,
      storage: store.maintenance.state(),
    })
  }

  function health(): object {
    return { status: 'ok', storage: store.maintenance.state(), activeTurns: active(), pid: process.pid }
  }

  async function status(): Promise<ResponseOf<'status'>> {
    return {
      ...hello,
      pid: process.pid,
      startedAt,
      activeTurns: active(),
      subscribers: hub.subscribers,
      rssBytes: process.memoryUsage.rss(),
      idleExitMinutes: idleExitMinutes(),
      storage: store.maintenance.state(),
      sqlite: store.maintenance.engine,
      keyStorage: await keys.storage(),
      serve: serve.state(),
      paths: {
        config: settings.path,
        data: paths.data,
        state: paths.state,
        socket: paths.socket,
        database: store.maintenance.file,
        log: `${paths.state}/${LOG_FILE}`,
      },
    }
  }
}

/** The daemon's part. A broken file fails turns, with its reason; it keeps nobody from history, or from mending it. */
function ownSettings(settings: SettingsFile): NonNullable<Settings['daemon']> {
  try {
    return settings.all().daemon ?? {}
  } catch {
    return {}
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
