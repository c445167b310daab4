// What keeps the database healthy: state, check, backup.

import { rmSync } from 'node:fs'
import type Database from 'better-sqlite3'
import { NatterError } from '../../src/protocol/errors.ts'
import { copyDatabase } from './backup.ts'
import type { Health } from './health.ts'
import type { StoreMaintenance } from './store.ts'
import type { StoreWorker } from './worker-client.ts'

export interface MaintenanceParts {
  readonly database: Database.Database
  readonly file: string
  readonly health: Health
  readonly worker: StoreWorker
}

export function createMaintenance({ database, file, health, worker }: MaintenanceParts): StoreMaintenance {
  const version = String(database.prepare('SELECT sqlite_version()').pluck().get())
  return { state: health.state, check, backup, engine: `SQLite ${version}`, file }

  async function check(): ReturnType<StoreMaintenance['check']> {
    const report = await worker.run({ type: 'check' })
    if (report.problems.length === 0) health.sound()
    return { ok: report.problems.length === 0, ...report }
  }

  async function backup(target: string): Promise<{ readonly bytes: number }> {
    const bytes = await copyDatabase(database, target)
    const { problems } = await worker.run({ type: 'verify', file: target })
    if (problems.length === 0) return { bytes }
    rmSync(target, { force: true })
    throw new NatterError('storage-failed', `Cannot write backup "${target}": the copy is damaged: ${problems[0]}`, {
      hint: 'Run "natter doctor" to check the database itself',
    })
  }
}
