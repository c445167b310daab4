// Paired devices, as the rest of the daemon knows them.

import type { DeviceId } from '../../src/protocol/ids.ts'
import type { Device } from '../../src/protocol/schema/devices.ts'

export interface StoredDevice extends Device {
  /** Null of a device that was revoked. */
  readonly token: { readonly tokenId: string; readonly secretHash: Uint8Array } | null
  readonly revokedAt: number | null
}

export interface DeviceStore {
  /** Oldest first; those that were revoked too, because calls of theirs stand in the ledger. */
  list(): Promise<readonly StoredDevice[]>
  /** Replaces what was there under that id, durably; a device that was revoked stays as it is. */
  put(device: StoredDevice): Promise<void>
  /** As `put`, and kept in memory until the disk takes it. */
  revoke(device: StoredDevice): Promise<void>
  /** Written with the next commit of anything. */
  used(deviceId: DeviceId, at: number): void
}
