// The store on SQLite: opens the file, builds the parts, closes them in reverse.

import { resolve } from 'node:path'
import type Database from 'better-sqlite3'
import { NatterError } from '../../src/protocol/errors.ts'
import type { DeviceId } from '../../src/protocol/ids.ts'
import { createCheckpoints } from './checkpoints.ts'
import { createChunkBuffer } from './chunk-buffer.ts'
import { createConversationStore } from './conversation-store.ts'
import { openDatabase } from './database.ts'
import { createGroupCommit } from './group-commit.ts'
import { createHealth } from './health.ts'
import { createMaintenance } from './maintenance.ts'
import { createMessageStore } from './message-store.ts'
import { createRead } from './read.ts'
import { createSearchIndexer } from './search-indexer.ts'
import { storageFull, toStorageError } from './storage-errors.ts'
import type { StorageState, Store } from './store.ts'
import { createTables, type Tables } from './tables.ts'
import { createTurnStore } from './turn-store.ts'
import { createWalSync } from './wal-sync.ts'
import { createStoreWorker } from './worker-client.ts'

export interface OpenStoreOptions {
  /** The database; its directory is made with mode 0700 where it is missing. */
  readonly file: string
  readonly onStateChange?: (state: StorageState) => void
  readonly now?: () => number
  /** Entry of the worker threads; by default beside this file. */
  readonly workerFile?: URL
}

export interface StoreParts extends OpenStoreOptions {
  readonly database: Database.Database
  /** How long to wait before what the disk refused is tried again. */
  readonly retryMs?: number
  /** How long closing waits for another program that holds the database. */
  readonly closePatienceMs?: number
}

const RETRY_MS = 5_000
const SEARCH_IDLE_MS = 60_000
const MAINTENANCE_IDLE_MS = 5_000

const openFiles = new Set<string>()

/** Once per file and process: a second opening would drop the locks of the first. */
export async function openStore(options: OpenStoreOptions): Promise<Store> {
  const path = resolve(options.file)
  if (openFiles.has(path)) throw new TypeError(`Cannot open store "${options.file}": this process has it open`)
  openFiles.add(path)
  try {
    const store = await open(options)
    return { ...store, close: () => store.close().finally(() => openFiles.delete(path)) }
  } catch (error) {
    openFiles.delete(path)
    throw error
  }
}

async function open(options: OpenStoreOptions): Promise<Store> {
  const database = await openDatabase({ file: options.file, now: options.now ?? Date.now })
  try {
    return createSqliteStore({ ...options, database })
  } catch (error) {
    database.close()
    throw error
  }
}

/** Takes the connection over and closes it. */
export function createSqliteStore(parts: StoreParts): Store {
  const { database, file, retryMs = RETRY_MS, workerFile = defaultWorkerFile(), onStateChange = () => {} } = parts
  const tables = createTables(database)
  const health = createHealth(onStateChange)
  const read = createRead(health)
  const searcher = createStoreWorker({ file, workerFile, idleMs: SEARCH_IDLE_MS })
  const keeper = createStoreWorker({ file, workerFile, idleMs: MAINTENANCE_IDLE_MS })
  const checkpoints = createCheckpoints(database, keeper)
  const heal = () => copyWal(database)
  const sync = createWalSync({ file, heal, onFailure: (error) => void health.failed(error) })
  const patience = parts.closePatienceMs === undefined ? {} : { closePatienceMs: parts.closePatienceMs }
  const group = createGroupCommit({
    database,
    sync,
    health,
    retryMs,
    onCommit: committed,
    onLater: sync.dirty,
    ...patience,
  })
  const chunks = createChunkBuffer({ database, chunks: tables.chunks, health, retryMs, onCommit: ticked })
  const indexer = createSearchIndexer({ database, tables, health, retryMs, onCommit: checkpoints.committed })
  return {
    conversations: createConversationStore(tables, group, read),
    messages: createMessageStore({ tables, worker: searcher, indexer, read }),
    turns: createTurnStore({ tables, group, chunks, indexer, read, assertRoom }),
    responses: {
      get: (key, notBefore) => read(() => tables.responses.get(key, notBefore)),
      put: (response, maxBytes) =>
        group.write('Cannot keep an answer for the next who asks', () => tables.responses.put(response, maxBytes)),
    },
    usage: {
      spentSince: (at) => read(() => spentSince(tables, at)),
      report: (query) => {
        // What waits to be written belongs to it.
        group.retry()
        return searcher.run({ type: 'usage', query })
      },
    },
    devices: {
      list: () => read(() => tables.devices.list()),
      put: (device) => group.write('Cannot save device', () => tables.devices.put(device)),
      revoke: (device) => group.keep('Cannot revoke device', () => tables.devices.put(device)),
      used: (deviceId, at) => group.keepLater('Cannot note use of device', () => tables.devices.used(deviceId, at)),
    },
    maintenance: createMaintenance({ database, file, health, worker: keeper, indexer }),
    reserveSequence: (count) => group.write('Cannot number events', () => tables.meta.reserveSequence(count)),
    close,
  }

  function committed(waiting: boolean): void {
    if (!waiting) health.saved()
    checkpoints.committed()
  }

  function ticked(): void {
    sync.dirty()
    checkpoints.committed()
  }

  function assertRoom(): void {
    if (health.state() !== 'full') return
    const hasRoom = chunks.flush() && group.retry()
    if (!hasRoom) throw storageFull('Cannot start turn')
  }

  async function close(): Promise<void> {
    if (!database.open) return
    checkpoints.close()
    // The text first: it takes less room than the end of its turn, which may be refused.
    chunks.flush()
    const lost = await group.close()
    const refusal = chunks.close() ?? lost
    indexer.close()
    await Promise.all([searcher.close(), keeper.close(), sync.close()])
    database.close()
    if (refusal !== null) throw notSaved(file, refusal)
  }
}

function spentSince({ ledger }: Tables, at: number): ReadonlyMap<DeviceId | null, number> {
  const spent = new Map<DeviceId | null, number>([[null, 0]])
  for (const { deviceId, costMicros } of ledger.spentSince(at)) {
    spent.set(null, (spent.get(null) ?? 0) + costMicros)
    if (deviceId !== null) spent.set(deviceId, costMicros)
  }
  return spent
}

function notSaved(file: string, refusal: unknown): unknown {
  const error = toStorageError(`Cannot save everything in "${file}" before it is closed`, refusal)
  if (!(error instanceof NatterError)) return error
  const { code, message } = error
  return new NatterError(code, message, {
    hint: 'The next start ends these replies with the text that the database took before',
    cause: refusal,
  })
}

/**
 * Writes everything of the WAL into the database and syncs that. SQLite's own descriptor may report the failed sync
 * of the WAL once more, so one refusal is expected.
 */
function copyWal(database: Database.Database): void {
  const checkpoint = database.prepare<[], { log: number; checkpointed: number }>('PRAGMA wal_checkpoint(PASSIVE)')
  try {
    checkpoint.get()
  } catch {
    // The second attempt below says whether the disk takes it.
  }
  const { log = 0, checkpointed = 0 } = checkpoint.get() ?? {}
  if (checkpointed < log) throw new NatterError('storage-failed', 'Cannot bring the database to the disk')
}

/** From source or from the bundle: the worker is the file of the same kind beside this one. */
function defaultWorkerFile(): URL {
  const extension = import.meta.url.endsWith('.ts') ? 'ts' : 'js'
  return new URL(`./store-worker.${extension}`, import.meta.url)
}
