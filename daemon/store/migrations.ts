// Brings a database to the newest schema: one migration, one transaction, one step of `user_version`.

import type Database from 'better-sqlite3'
import { NatterError } from '../../src/protocol/errors.ts'
import { APPLICATION_ID, type Migration } from './schema.ts'

export function versionOf(database: Database.Database): number {
  return Number(database.pragma('user_version', { simple: true }))
}

export interface Identity {
  readonly file: string
  readonly version: number
  /** SQLite's `application_id`. */
  readonly owner: number
}

/** Throws where the database is of a newer version, or of another program. */
export function assertIdentity({ file, version, owner }: Identity, newest: number): void {
  if (owner !== APPLICATION_ID && owner !== 0) throw foreign(file)
  if (owner !== APPLICATION_ID || version <= newest) return
  throw new NatterError(
    'store-newer',
    `Cannot open store "${file}": its schema is version ${version}, this natter knows up to ${newest}`,
    { hint: 'Install the newer natter again; nothing in the file was changed' },
  )
}

/** The same by what is committed, the WAL included; also a file with tables but without an owner is not ours. */
export function assertOurs(database: Database.Database, file: string, newest: number): void {
  database
    .transaction(() => {
      const owner = Number(database.pragma('application_id', { simple: true }))
      const tables = Number(database.prepare('SELECT count(*) FROM sqlite_schema').pluck().get())
      if (owner === 0 && tables > 0) throw foreign(file)
      assertIdentity({ file, version: versionOf(database), owner }, newest)
    })
    .deferred()
}

function foreign(file: string): NatterError {
  return new NatterError('storage-failed', `Cannot open store "${file}": it is the database of another program`, {
    hint: 'Move the file away, or set another NATTER_HOME',
  })
}

/** Processes may race here: each step is taken by whoever gets the write lock first, the others see it done. */
export function migrate(database: Database.Database, file: string, migrations: readonly Migration[]): void {
  for (const [step, migration] of migrations.entries()) {
    database
      .transaction(() => {
        if (versionOf(database) !== step) return
        migration(database)
        database.pragma(`user_version = ${step + 1}`)
      })
      .immediate()
  }
  assertOurs(database, file, migrations.length)
}
