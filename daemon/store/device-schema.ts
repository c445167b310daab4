// The table of paired devices, as a migration.

import type Database from 'better-sqlite3'

/** Who may use the TCP door. A token is kept as a hash of its secret part, and none is kept of a device that was revoked. */
export function createDevices(database: Database.Database): void {
  database.exec(`
    CREATE TABLE devices (
      device_id TEXT PRIMARY KEY,
      name TEXT NOT NULL,
      scopes TEXT NOT NULL,
      monthly_micros INTEGER,
      token_id TEXT UNIQUE,
      secret_hash BLOB,
      created_at INTEGER NOT NULL,
      used_at INTEGER,
      revoked_at INTEGER,
      CHECK ((revoked_at IS NULL) = (token_id IS NOT NULL AND secret_hash IS NOT NULL))
    ) STRICT, WITHOUT ROWID;
  `)
}
