// The daemon is single because it holds this lock: an exclusive transaction on a database of its own, for life.
// The kernel frees it however the process ends, and no pause of the process loses it.

import { accessSync, chmodSync, closeSync, constants, mkdirSync, openSync, statSync } from 'node:fs'
import { dirname } from 'node:path'
import Database from 'better-sqlite3'
import { NatterError } from '../../src/protocol/errors.ts'

export interface Lock extends Disposable {
  readonly file: string
}

/**
 * Null: another process holds it. Whatever else is wrong is thrown with its true cause.
 * The file's content means nothing; it is made with mode 0600 and never removed.
 */
export function acquireLock(file: string): Lock | null {
  try {
    prepare(file)
    const database = new Database(file, { timeout: 0 })
    if (!begin(database)) return null
    return { file, [Symbol.dispose]: () => database.close() }
  } catch (error) {
    throw new NatterError('storage-failed', `Cannot take lock "${file}": ${reasonOf(error)}`, {
      hint: 'Check owner and permissions of the file and of the directory it is in',
      cause: error,
    })
  }
}

function begin(database: Database.Database): boolean {
  try {
    // The lock is worth nothing after a crash, so it needs neither a journal on disk nor a sync.
    database.pragma('journal_mode = MEMORY')
    database.exec('BEGIN EXCLUSIVE')
    return true
  } catch (error) {
    database.close()
    if (error instanceof Database.SqliteError && error.code.startsWith('SQLITE_BUSY')) return false
    throw error
  }
}

/** Closing any descriptor of a file drops the process's locks on it, so an existing file is never opened here. */
function prepare(file: string): void {
  mkdirSync(dirname(file), { recursive: true, mode: 0o700 })
  try {
    closeSync(openSync(file, 'wx', 0o600))
  } catch (error) {
    if (!(error instanceof Error && 'code' in error && error.code === 'EEXIST')) throw error
    const stat = statSync(file)
    if (!stat.isFile()) throw new Error('it is not a regular file', { cause: error })
    if ((stat.mode & 0o077) !== 0) chmodSync(file, 0o600)
    accessSync(file, constants.R_OK | constants.W_OK)
  }
}

function reasonOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error)
  const code = 'code' in error && typeof error.code === 'string' ? error.code : ''
  if (code === 'EACCES' || code === 'EPERM') return 'permission denied'
  if (code === 'EROFS') return 'the file system is read-only'
  if (code === 'ENOSPC') return 'the disk is full'
  if (code === 'SQLITE_NOTADB') return 'the file holds something that is not a lock'
  return error.message
}
