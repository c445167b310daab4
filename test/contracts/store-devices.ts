// What every implementation of the store must do for devices.

import { expect, it } from 'vitest'
import type { StoredDevice } from '../../daemon/store/device-store.ts'
import { createId } from '../../src/protocol/ids.ts'
import { until } from '../helpers/until.ts'
import type { OpenStoreForTest } from './store.ts'

let made = 0

function newDevice(values: Partial<StoredDevice> = {}): StoredDevice {
  made += 1
  return {
    deviceId: createId('dev', made),
    name: 'phone',
    scopes: ['ask', 'history'],
    monthlyMicros: null,
    createdAt: 1_000,
    usedAt: null,
    token: { tokenId: made.toString(16).padStart(16, '0'), secretHash: Buffer.alloc(32, made) },
    revokedAt: null,
    ...values,
  }
}

export function describeStoreDevices(name: string, open: OpenStoreForTest): void {
  it(`${name} devices.put() keeps a device as it is, and replaces it`, async () => {
    await using opened = await open()
    const { devices } = opened.store
    const [phone, tablet] = [
      newDevice({ name: 'Größe \u0000 🦊' }),
      newDevice({ scopes: ['openai'], monthlyMicros: 5 }),
    ]
    await devices.put(phone)
    await devices.put(tablet)
    expect(await devices.list()).toEqual([phone, tablet])
    const changed = { ...phone, name: 'other', monthlyMicros: 7, usedAt: 5, token: newDevice().token }
    await devices.put(changed)
    expect(await devices.list()).toEqual([changed, tablet])
  })

  it(`${name} devices.revoke() leaves nothing of the token, whatever is put later`, async () => {
    await using opened = await open()
    const { devices } = opened.store
    const device = newDevice()
    await devices.put(device)
    const revoked = { ...device, token: null, revokedAt: 2_000 }
    const late = devices.revoke(revoked)
    await devices.put({ ...device, monthlyMicros: 1 })
    await late
    expect(await devices.list()).toEqual([revoked])
    const unknown = newDevice()
    await devices.revoke({ ...unknown, token: null, revokedAt: 2_000 })
    await devices.put(unknown)
    expect((await devices.list()).map(({ token }) => token)).toEqual([null, null])
  })

  it(`${name} devices.used() is written soon, though nobody waits for it`, async () => {
    await using opened = await open()
    const { devices } = opened.store
    const device = newDevice()
    await devices.put(device)
    devices.used(device.deviceId, 9_000)
    await until(async () => (await devices.list())[0]?.usedAt === 9_000)
  })
}
