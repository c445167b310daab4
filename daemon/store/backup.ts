// Copies a database into a new file while it is in use.

import { closeSync, openSync, rmSync, statSync } from 'node:fs'
import Database from 'better-sqlite3'
import { NatterError } from '../../src/protocol/errors.ts'
import { integrityOf } from './check.ts'
import { faultOf, toStorageError } from './storage-errors.ts'

const ALL_PAGES = 0x7fffffff

/**
 * SQLite's online backup into a new file of mode 0600, in one step, so that writes of another connection cannot
 * make it start again; it blocks its thread for as long. The copy needs no -wal beside it, was checked, and what a
 * failed one leaves is removed. Answers its size in bytes.
 */
export async function backUp(database: Database.Database, file: string): Promise<number> {
  createNew(file)
  try {
    await database.backup(file, { progress: () => ALL_PAGES })
    const problem = finishCopy(file)
    if (problem !== undefined) throw damaged(file, problem)
    return statSync(file).size
  } catch (error) {
    for (const suffix of ['', '-journal', '-wal', '-shm']) rmSync(`${file}${suffix}`, { force: true })
    throw faultOf(error) === 'full' ? noRoom(file, error) : toStorageError(`Cannot write backup "${file}"`, error)
  }
}

function noRoom(file: string, cause: unknown): NatterError {
  return new NatterError('storage-full', `Cannot write backup "${file}": the disk is full`, {
    hint: 'Free some space there, or name a file on another disk',
    cause,
  })
}

/** The first problem, or undefined. */
function finishCopy(file: string): string | undefined {
  const copy = new Database(file, { fileMustExist: true })
  try {
    copy.pragma('journal_mode = DELETE')
    return integrityOf(copy).at(0)
  } finally {
    copy.close()
  }
}

function damaged(file: string, problem: string): NatterError {
  return new NatterError('storage-failed', `Cannot write backup "${file}": the copy is damaged: ${problem}`, {
    hint: 'Run "natter doctor" to check the database itself',
  })
}

function createNew(file: string): void {
  try {
    closeSync(openSync(file, 'wx', 0o600))
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? error.code : ''
    if (code === 'EEXIST') {
      throw new NatterError('conflict', `Cannot write backup "${file}": there is a file of that name`, {
        hint: 'Name a new file',
        cause: error,
      })
    }
    if (code === 'ENOENT') {
      throw new NatterError('not-found', `Cannot write backup "${file}": the directory does not exist`, {
        cause: error,
      })
    }
    throw toStorageError(`Cannot write backup "${file}"`, error)
  }
}
