// What SQLite's and the disk's errors mean to a user, and to whoever must decide whether to try again.

import Database from 'better-sqlite3'
import { NatterError } from '../../src/protocol/errors.ts'

/**
 * `full`: no space left; `busy`: another program holds the database for a moment; `suspect`: the disk or the
 * file is not sound; `other`: a fault of the statement, which leaves the database as it was.
 */
export type StorageFault = 'full' | 'busy' | 'suspect' | 'other'

export function faultOf(error: unknown): StorageFault {
  const code = codeOf(error)
  if (code === 'SQLITE_FULL' || code === 'ENOSPC' || code === 'EDQUOT') return 'full'
  if (code.startsWith('SQLITE_BUSY') || code.startsWith('SQLITE_LOCKED')) return 'busy'
  if (/^SQLITE_(IOERR|CORRUPT|NOTADB|CANTOPEN|READONLY|NOMEM)/.test(code)) return 'suspect'
  return error instanceof Database.SqliteError || !/^E[A-Z]+$/.test(code) ? 'other' : 'suspect'
}

/** The error as it may leave the store. What is no storage error passes unchanged. */
export function toStorageError(doing: string, error: unknown): unknown {
  if (error instanceof NatterError) return error
  const code = codeOf(error)
  if (code === '') return error
  if (faultOf(error) === 'full') return storageFull(doing, error)
  return new NatterError('storage-failed', `${doing}: ${reasonOf(code, error)}`, { hint: hintOf(code), cause: error })
}

export function storageFull(doing: string, cause?: unknown): NatterError {
  return new NatterError('storage-full', `${doing}: the disk is full`, {
    hint: 'Free some space and try again; replies that run are kept in memory until then',
    cause,
  })
}

function codeOf(error: unknown): string {
  if (!(error instanceof Error) || !('code' in error)) return ''
  return typeof error.code === 'string' && /^(SQLITE_|E[A-Z]+$)/.test(error.code) ? error.code : ''
}

function reasonOf(code: string, error: unknown): string {
  if (code.startsWith('SQLITE_BUSY')) return 'another program holds the database'
  if (code === 'SQLITE_NOTADB') return 'the file is not a SQLite database, or it is damaged'
  if (code.startsWith('SQLITE_CORRUPT')) return 'the database is damaged'
  if (code === 'EACCES' || code === 'EPERM') return 'permission denied'
  if (code === 'EROFS') return 'the file system is read-only'
  if (code.startsWith('SQLITE_READONLY')) return 'the database cannot be written'
  const text = error instanceof Error ? error.message : String(error)
  return `${text} (${code})`
}

function hintOf(code: string): string | null {
  if (code.startsWith('SQLITE_BUSY')) return 'Close other programs that use the database and try again'
  if (code === 'SQLITE_NOTADB' || code.startsWith('SQLITE_CORRUPT')) {
    return 'Move the file away and put a backup in its place; copies made before upgrades are in "backups" beside it'
  }
  if (code.startsWith('SQLITE_IOERR') || code === 'EIO') return 'Check the disk, and make a backup elsewhere'
  if (/^(EACCES|EPERM|EROFS|SQLITE_READONLY|SQLITE_CANTOPEN)/.test(code)) {
    return 'Check owner and permissions of the file and of the directory it is in'
  }
  return null
}
