// Where tests keep devices, and what happened to them.

import { type DeviceRecord, type DeviceRecords, type Devices, openDevices } from '../../daemon/devices/devices.ts'
import type { DeviceId } from '../../src/protocol/ids.ts'

export interface TestDevices {
  readonly devices: Devices
  /** As they are kept. */
  readonly kept: Map<DeviceId, DeviceRecord>
  readonly uses: (readonly [DeviceId, number])[]
  /** Whose requests should have ended. */
  readonly ended: DeviceId[]
  /** What the clock says, in milliseconds. */
  now: number
  /** What the next `put` fails with. */
  refusal: Error | null
}

export async function createTestDevices(
  kept = new Map<DeviceId, DeviceRecord>(),
  onEnded: (deviceId: DeviceId) => void = () => {},
): Promise<TestDevices> {
  const uses: [DeviceId, number][] = []
  const ended: DeviceId[] = []
  const state = { now: 1_000_000, refusal: null as Error | null }
  const records: DeviceRecords = {
    list: () => Promise.resolve([...kept.values()]),
    async put(device) {
      await Promise.resolve()
      if (state.refusal !== null) throw state.refusal
      if (kept.get(device.deviceId)?.revokedAt == null) kept.set(device.deviceId, device)
    },
    async revoke(device) {
      await Promise.resolve()
      kept.set(device.deviceId, device)
    },
    used: (deviceId, at) => void uses.push([deviceId, at]),
  }
  const devices = await openDevices({
    records,
    now: () => state.now,
    onEnded(deviceId) {
      ended.push(deviceId)
      onEnded(deviceId)
    },
  })
  return {
    ...{ devices, kept, uses, ended },
    get now() {
      return state.now
    },
    set now(next) {
      state.now = next
    },
    get refusal() {
      return state.refusal
    },
    set refusal(next) {
      state.refusal = next
    },
  }
}
