import { expect, it } from 'vitest'
import type { DeviceId } from '../../../src/protocol/ids.ts'
import { createTestDevices } from '../../helpers/device-records.ts'

const PHONE = { name: 'phone', scopes: ['ask', 'history'], monthlyMicros: 5_000_000 } as const

it('add() answers a token that opens the device, after a restart too, and keeps none of its secret', async () => {
  const { devices, kept } = await createTestDevices()
  const { device, token } = await devices.add(PHONE)
  expect(device).toEqual({ deviceId: expect.stringMatching(/^dev_/), ...PHONE, createdAt: 1_000_000, usedAt: null })
  expect(devices.recognise(token)).toMatchObject({ deviceId: device.deviceId, scopes: ['ask', 'history'] })
  const secret = token.slice(20)
  expect(JSON.stringify([...kept.values(), devices.list(), device])).not.toContain(secret)
  const restarted = await createTestDevices(kept)
  expect(restarted.devices.recognise(token)).toMatchObject({ deviceId: device.deviceId })
  expect(restarted.devices.budgetOf(device.deviceId)).toBe(5_000_000)
})

it('add() refuses a name that is taken, and makes no device where it cannot be kept', async () => {
  const test = await createTestDevices()
  const adding = [test.devices.add(PHONE), test.devices.add(PHONE)]
  const results = await Promise.allSettled(adding)
  expect(results.map(({ status }) => status)).toEqual(['fulfilled', 'rejected'])
  await expect(adding[1]).rejects.toMatchObject({ code: 'conflict' })
  test.refusal = new Error('full')
  await expect(test.devices.add({ ...PHONE, name: 'other' })).rejects.toThrow('full')
  expect(test.devices.list().map(({ name }) => name)).toEqual(['phone'])
})

it('recognise() notes the last use at most once a minute', async () => {
  const test = await createTestDevices()
  const { device, token } = await test.devices.add(PHONE)
  for (const now of [1_000_000, 1_000_001, 1_059_999, 1_060_000, 1_060_001]) {
    test.now = now
    test.devices.recognise(token)
  }
  expect(test.uses).toEqual([
    [device.deviceId, 1_000_000],
    [device.deviceId, 1_060_000],
  ])
  expect(test.devices.list()[0]?.usedAt).toBe(1_060_000)
})

it('revoke() counts at once, for good, and ends what is under way', async () => {
  const test = await createTestDevices()
  const { device, token } = await test.devices.add(PHONE)
  const revoking = test.devices.revoke(device.deviceId)
  expect(test.devices.recognise(token)).toBeNull()
  expect(test.ended).toEqual([device.deviceId])
  expect(await revoking).toBe(true)
  expect(await test.devices.revoke(device.deviceId)).toBe(false)
  expect(test.kept.get(device.deviceId)).toMatchObject({ token: null, revokedAt: 1_000_000, name: 'phone' })
  const restarted = await createTestDevices(test.kept)
  expect(restarted.devices.recognise(token)).toBeNull()
  expect(restarted.devices.list()).toEqual([])
  await restarted.devices.add(PHONE)
})

it('revoke() wins over changes that are being written', async () => {
  const test = await createTestDevices()
  const { device, token } = await test.devices.add(PHONE)
  const { deviceId } = device
  const changes = [test.devices.update(deviceId, { monthlyMicros: 1 }), test.devices.renew(deviceId)]
  await Promise.resolve()
  await test.devices.revoke(deviceId)
  for (const change of changes) await expect(change).rejects.toMatchObject({ code: 'not-found' })
  expect(test.devices.recognise(token)).toBeNull()
  expect(test.devices.list()).toEqual([])
  expect(test.kept.get(deviceId)?.token).toBeNull()
})

it('renew() replaces the token and ends what the old one opened', async () => {
  const test = await createTestDevices()
  const { device, token } = await test.devices.add(PHONE)
  const renewed = await test.devices.renew(device.deviceId)
  expect(renewed.token).not.toBe(token)
  expect(test.devices.recognise(token)).toBeNull()
  expect(test.devices.recognise(renewed.token)).toMatchObject({ deviceId: device.deviceId })
  expect(test.ended).toEqual([device.deviceId])
})

it('update() changes name and budget, and leaves the token as it is', async () => {
  const test = await createTestDevices()
  const { device, token } = await test.devices.add(PHONE)
  await test.devices.add({ ...PHONE, name: 'tablet' })
  const { deviceId } = device
  expect(await test.devices.update(deviceId, { monthlyMicros: null })).toMatchObject({ monthlyMicros: null })
  expect(test.devices.budgetOf(deviceId)).toBeNull()
  expect(await test.devices.update(deviceId, { name: 'phone' })).toMatchObject({ name: 'phone' })
  await expect(test.devices.update(deviceId, { name: 'tablet' })).rejects.toMatchObject({ code: 'conflict' })
  await expect(test.devices.update('dev_x' as DeviceId, { name: 'x' })).rejects.toMatchObject({ code: 'not-found' })
  expect(test.devices.recognise(token)).toMatchObject({ deviceId })
  expect(test.ended).toEqual([])
})

it('budgetOf() lets a device that was revoked, or never was, spend nothing', async () => {
  const test = await createTestDevices()
  const { device } = await test.devices.add({ ...PHONE, monthlyMicros: null })
  expect([test.devices.isKnown(device.deviceId), test.devices.budgetOf(device.deviceId)]).toEqual([true, null])
  await test.devices.revoke(device.deviceId)
  expect([test.devices.isKnown(device.deviceId), test.devices.budgetOf(device.deviceId)]).toEqual([false, 0])
})
