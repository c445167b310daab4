// Paired devices: one row each, whose token can be recognised and not be read.

import type Database from 'better-sqlite3'
import type { DeviceId } from '../../src/protocol/ids.ts'
import type { StoredDevice } from './device-store.ts'

export interface DeviceTable {
  list(): readonly StoredDevice[]
  put(device: StoredDevice): void
  used(deviceId: DeviceId, at: number): void
}

interface DeviceRow {
  readonly device_id: DeviceId
  readonly name: string
  readonly scopes: string
  readonly monthly_micros: number | null
  readonly token_id: string | null
  readonly secret_hash: Buffer | null
  readonly created_at: number
  readonly used_at: number | null
  readonly revoked_at: number | null
}

export function createDeviceTable(database: Database.Database): DeviceTable {
  const list = database.prepare<[], DeviceRow>(`
    SELECT device_id, name, scopes, monthly_micros, token_id, secret_hash, created_at, used_at, revoked_at
    FROM devices
    ORDER BY device_id
  `)
  const put = database.prepare<[DeviceRow]>(`
    INSERT INTO devices
      (device_id, name, scopes, monthly_micros, token_id, secret_hash, created_at, used_at, revoked_at)
    VALUES
      (@device_id, @name, @scopes, @monthly_micros, @token_id, @secret_hash, @created_at, @used_at, @revoked_at)
    ON CONFLICT (device_id) DO UPDATE SET
      name = excluded.name, scopes = excluded.scopes, monthly_micros = excluded.monthly_micros,
      token_id = excluded.token_id, secret_hash = excluded.secret_hash,
      used_at = excluded.used_at, revoked_at = excluded.revoked_at
    WHERE devices.revoked_at IS NULL
  `)
  const used = database.prepare<[number, DeviceId]>('UPDATE devices SET used_at = ? WHERE device_id = ?')
  return {
    list: () => list.all().map(fromRow),
    put: (device) => {
      put.run(toRow(device))
    },
    used: (deviceId, at) => {
      used.run(at, deviceId)
    },
  }
}

function fromRow(row: DeviceRow): StoredDevice {
  const { token_id: tokenId, secret_hash: secretHash } = row
  return {
    deviceId: row.device_id,
    name: row.name,
    scopes: JSON.parse(row.scopes),
    monthlyMicros: row.monthly_micros,
    createdAt: row.created_at,
    usedAt: row.used_at,
    token: tokenId === null || secretHash === null ? null : { tokenId, secretHash },
    revokedAt: row.revoked_at,
  }
}

function toRow(device: StoredDevice): DeviceRow {
  return {
    device_id: device.deviceId,
    name: device.name,
    scopes: JSON.stringify(device.scopes),
    monthly_micros: device.monthlyMicros,
    token_id: device.token?.tokenId ?? null,
    secret_hash: device.token === null ? null : Buffer.from(device.token.secretHash),
    created_at: device.createdAt,
    used_at: device.usedAt,
    revoked_at: device.revokedAt,
  }
}
