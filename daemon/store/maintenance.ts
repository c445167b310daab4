// What keeps the database healthy: state, check, backup.

import type Database from 'better-sqlite3'
import type { Health } from './health.ts'
import type { SearchIndexer } from './search-indexer.ts'
import type { StoreMaintenance } from './store.ts'
import type { StoreWorker } from './worker-client.ts'

export interface MaintenanceParts {
  readonly database: Database.Database
  readonly file: string
  readonly health: Health
  readonly worker: StoreWorker
  readonly indexer: SearchIndexer
}

export function createMaintenance({ database, file, health, worker, indexer }: MaintenanceParts): StoreMaintenance {
  const version = String(database.prepare('SELECT sqlite_version()').pluck().get())
  return { state: health.state, check, backup, engine: `SQLite ${version}`, file }

  async function backup(target: string): Promise<{ readonly bytes: number }> {
    return { bytes: await indexer.complete(() => worker.run({ type: 'backup', file: target })) }
  }

  async function check(): ReturnType<StoreMaintenance['check']> {
    const report = await indexer.complete((isComplete) => worker.run({ type: 'check', isComplete }))
    const ok = report.problems.length === 0
    health.checked(ok)
    return { ok, ...report }
  }
}
