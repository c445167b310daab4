// Opens the database file: private, checked before anything is written, migrated, and set up for one writer.

import {
  accessSync,
  chmodSync,
  closeSync,
  constants,
  existsSync,
  mkdirSync,
  openSync,
  readSync,
  statSync,
} from 'node:fs'
import { dirname, join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import Database from 'better-sqlite3'
import { NatterError } from '../../src/protocol/errors.ts'
import { backUp } from './backup.ts'
import { assertIdentity, assertOurs, migrate, versionOf } from './migrations.ts'
import { MIGRATIONS, type Migration } from './schema.ts'
import { faultOf, toStorageError } from './storage-errors.ts'

/** Older ones may damage a database that two connections checkpoint: https://www.sqlite.org/wal.html#walresetbug */
const SQLITE_MINIMUM = [3, 51, 3] as const
/** How long another process may take to create or migrate the same file. */
const OPEN_PATIENCE_MS = 15_000
/** Short, because waiting blocks the whole daemon; whoever writes tries again later instead. */
const BUSY_TIMEOUT_MS = 25
const CACHE_KB = 8_000
/** The WAL file shrinks to this when it starts again from its beginning. */
const WAL_KEPT_BYTES = 8 * 1024 * 1024

export interface OpenDatabaseOptions {
  readonly file: string
  readonly now: () => number
  readonly migrations?: readonly Migration[]
}

export async function openDatabase(options: OpenDatabaseOptions): Promise<Database.Database> {
  const { file, now, migrations = MIGRATIONS } = options
  try {
    makePrivate(file)
    inspect(file, migrations.length)
    const database = connect(file)
    try {
      assertSqliteVersion(database)
      await patiently(() => assertOurs(database, file, migrations.length))
      await patiently(() => useWal(database))
      const version = versionOf(database)
      if (version > 0 && version < migrations.length) await keepCopy(database, file, version, now())
      await patiently(() => migrate(database, file, migrations))
      database.pragma(`busy_timeout = ${BUSY_TIMEOUT_MS}`)
      return database
    } catch (error) {
      database.close()
      throw error
    }
  } catch (error) {
    throw toStorageError(`Cannot open store "${file}"`, error)
  }
}

function connect(file: string): Database.Database {
  // The busy handler (the time-out) stands before anything can be busy.
  const database = new Database(file, { timeout: 1_000 })
  database.pragma('foreign_keys = ON')
  database.pragma('trusted_schema = OFF')
  database.pragma('mmap_size = 0')
  database.pragma('temp_store = MEMORY')
  database.pragma(`cache_size = -${CACHE_KB}`)
  return database
}

/** The switch itself ignores the busy handler. */
function useWal(database: Database.Database): void {
  if (database.pragma('journal_mode', { simple: true }) !== 'wal') database.pragma('journal_mode = WAL')
  // A commit reaches the disk through our own sync, which does not block (see wal-sync.ts).
  database.pragma('synchronous = NORMAL')
  database.pragma('wal_autocheckpoint = 0')
  database.pragma(`journal_size_limit = ${WAL_KEPT_BYTES}`)
}

function assertSqliteVersion(database: Database.Database): void {
  const version = String(database.prepare('SELECT sqlite_version()').pluck().get())
  const numbers = version.split('.').map(Number)
  for (const [index, minimum] of SQLITE_MINIMUM.entries()) {
    const number = numbers[index] ?? 0
    if (number > minimum) return
    if (number < minimum) {
      throw new NatterError(
        'storage-failed',
        `Cannot use SQLite ${version}: ${SQLITE_MINIMUM.join('.')} is the oldest that is safe`,
        { hint: 'Run "npm ci" in the directory of natter' },
      )
    }
  }
}

/** The mode counts whatever the umask is; SQLite gives -wal and -shm the mode of the database. */
function makePrivate(file: string): void {
  mkdirSync(dirname(file), { recursive: true, mode: 0o700 })
  if (!existsSync(file)) {
    try {
      closeSync(openSync(file, 'wx', 0o600))
    } catch (error) {
      if (!(error instanceof Error && 'code' in error && error.code === 'EEXIST')) throw error
    }
  }
  if ((statSync(file).mode & 0o077) !== 0) chmodSync(file, 0o600)
  accessSync(file, constants.R_OK | constants.W_OK)
}

/**
 * Looks at the head of the file without SQLite, which would lay -wal and -shm beside it: what is refused stays
 * exactly as it was. Only before a first connection, because closing a descriptor drops this process's locks.
 * https://www.sqlite.org/fileformat2.html#the_database_header
 */
function inspect(file: string, newest: number): void {
  const header = Buffer.alloc(100)
  const descriptor = openSync(file, 'r')
  try {
    if (readSync(descriptor, header) < header.length) return
  } finally {
    closeSync(descriptor)
  }
  if (header.toString('latin1', 0, 15) !== 'SQLite format 3') return
  assertIdentity({ file, version: header.readUInt32BE(60), owner: header.readUInt32BE(68) }, newest)
}

async function keepCopy(database: Database.Database, file: string, version: number, at: number): Promise<void> {
  const directory = join(dirname(file), 'backups')
  mkdirSync(directory, { recursive: true, mode: 0o700 })
  const time = new Date(at).toISOString().replaceAll(':', '-')
  await backUp(database, join(directory, `before-upgrade-of-version-${version}-${time}-${process.pid}.db`))
}

/** Several processes may open a new file at once, and the switch to WAL does not wait for its turn. */
async function patiently<Value>(action: () => Value): Promise<Value> {
  const deadline = performance.now() + OPEN_PATIENCE_MS
  for (;;) {
    try {
      return action()
    } catch (error) {
      if (faultOf(error) !== 'busy' || performance.now() > deadline) throw error
      await delay(10 + Math.random() * 20)
    }
  }
}
