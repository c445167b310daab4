// Paired devices: who has a token, what it opens, and what may be spent with it.

import { NatterError } from '../../src/protocol/errors.ts'
import { createId, type DeviceId } from '../../src/protocol/ids.ts'
import type { Device, Scope } from '../../src/protocol/schema/devices.ts'
import { createToken, recognise, type TokenRecord } from './tokens.ts'

/** How exactly the last use is known. */
const USE_MS = 60_000

export interface DeviceRecord extends Device {
  /** Null of a device that was revoked. */
  readonly token: TokenRecord | null
  readonly revokedAt: number | null
}

/** Where devices are kept. */
export interface DeviceRecords {
  list(): Promise<readonly DeviceRecord[]>
  /** Resolves when it is kept for good. What was revoked stays revoked, whatever is put later. */
  put(device: DeviceRecord): Promise<void>
  /** As `put`, however long that takes. */
  revoke(device: DeviceRecord): Promise<void>
  /** Nobody waits for it. */
  used(deviceId: DeviceId, at: number): void
}

export interface NewDevice {
  readonly name: string
  readonly scopes: readonly Scope[]
  readonly monthlyMicros: number | null
}

export interface DevicePatch {
  readonly name?: string
  readonly monthlyMicros?: number | null
}

export interface WithToken {
  readonly device: Device
  /** It can never be had again. */
  readonly token: string
}

export interface Devices {
  /** Those that were not revoked, oldest first. */
  list(): readonly Device[]
  /** By its exact name. */
  named(name: string): Device | null
  /** Throws `conflict` where the name is taken. */
  add(device: NewDevice): Promise<WithToken>
  /** Another token in the place of the one it has, which ends with all that is being answered to it. */
  renew(deviceId: DeviceId): Promise<WithToken>
  /** Throws `not-found`, and `conflict` where the name is taken. */
  update(deviceId: DeviceId, patch: DevicePatch): Promise<Device>
  /** Counts from the moment it is called; resolves when it is kept. False where there is no such device. */
  revoke(deviceId: DeviceId): Promise<boolean>
  /** Whose token that is, in constant time and without the disk; null: nobody's, or no more. */
  recognise(token: string): Device | null
  /** Whether it may ask: it is paired, and was not revoked. */
  isKnown(deviceId: DeviceId): boolean
  /** Millionths of a dollar a month; null: no limit of its own. One that is not known may spend nothing. */
  budgetOf(deviceId: DeviceId): number | null
}

export interface DevicesOptions {
  readonly records: DeviceRecords
  readonly now: () => number
  /** Its token counts no more: what is being answered to it shall end. */
  readonly onEnded: (deviceId: DeviceId) => void
}

export async function openDevices({ records, now, onEnded }: DevicesOptions): Promise<Devices> {
  const devices = new Map<DeviceId, DeviceRecord>()
  const byToken = new Map<string, DeviceRecord>()
  let last: Promise<unknown> = Promise.resolve()
  for (const device of await records.list()) keep(device)
  return {
    list: () => [...devices.values()].map(toDevice),
    named: (name) => {
      const device = find(name)
      return device === null ? null : toDevice(device)
    },
    add: (device) => inTurn(() => add(device)),
    renew: (deviceId) => inTurn(() => renew(deviceId)),
    update: (deviceId, patch) => inTurn(() => update(deviceId, patch)),
    revoke,
    recognise(token) {
      const device = recognise(token, (tokenId) => byToken.get(tokenId))
      return device === null ? null : toDevice(use(device))
    },
    isKnown: (deviceId) => devices.has(deviceId),
    budgetOf(deviceId) {
      const device = devices.get(deviceId)
      return device === undefined ? 0 : device.monthlyMicros
    },
  }

  /** A disk that refuses one for a while must not let it come after the next. A revocation waits for nobody. */
  function inTurn<Value>(change: () => Promise<Value>): Promise<Value> {
    const result = last.then(change)
    last = result.catch(() => {})
    return result
  }

  async function add({ name, scopes, monthlyMicros }: NewDevice): Promise<WithToken> {
    assertFree(name, null)
    const { token, record } = createToken()
    const at = now()
    const device: DeviceRecord = {
      ...{ deviceId: createId('dev', at), name, scopes: [...scopes], monthlyMicros },
      ...{ createdAt: at, usedAt: null, token: record, revokedAt: null },
    }
    await records.put(device)
    keep(device)
    return { device: toDevice(device), token }
  }

  async function renew(deviceId: DeviceId): Promise<WithToken> {
    const { token, record } = createToken()
    await records.put({ ...get(deviceId), token: record })
    const device = { ...get(deviceId), token: record }
    forgetToken(deviceId)
    keep(device)
    onEnded(deviceId)
    return { device: toDevice(device), token }
  }

  async function update(deviceId: DeviceId, patch: DevicePatch): Promise<Device> {
    if (patch.name !== undefined) assertFree(patch.name, deviceId)
    await records.put({ ...get(deviceId), ...patch })
    const device = { ...get(deviceId), ...patch }
    keep(device)
    return toDevice(device)
  }

  async function revoke(deviceId: DeviceId): Promise<boolean> {
    const device = devices.get(deviceId)
    if (device === undefined) return false
    forgetToken(deviceId)
    devices.delete(deviceId)
    onEnded(deviceId)
    await records.revoke({ ...device, token: null, revokedAt: now() })
    return true
  }

  function use(device: DeviceRecord): DeviceRecord {
    const at = now()
    if (device.usedAt !== null && Math.abs(at - device.usedAt) < USE_MS) return device
    const used = { ...device, usedAt: at }
    keep(used)
    records.used(device.deviceId, at)
    return used
  }

  function keep(device: DeviceRecord): void {
    if (device.revokedAt !== null || device.token === null) return
    devices.set(device.deviceId, device)
    byToken.set(device.token.tokenId, device)
  }

  function forgetToken(deviceId: DeviceId): void {
    const { token } = get(deviceId)
    if (token !== null) byToken.delete(token.tokenId)
  }

  function get(deviceId: DeviceId): DeviceRecord {
    const device = devices.get(deviceId)
    if (device !== undefined) return device
    throw new NatterError('not-found', `There is no device "${deviceId}"`, { hint: 'Run "natter devices list"' })
  }

  function find(name: string): DeviceRecord | null {
    return [...devices.values()].find((device) => device.name === name) ?? null
  }

  function assertFree(name: string, except: DeviceId | null): void {
    const holder = find(name)
    if (holder === null || holder.deviceId === except) return
    throw new NatterError('conflict', `Cannot name a device "${name}": another one has that name`, {
      hint: 'Choose another name, or run "natter devices rm" first',
    })
  }
}

/** Without anything of its token. */
function toDevice({ deviceId, name, scopes, monthlyMicros, createdAt, usedAt }: DeviceRecord): Device {
  return { deviceId, name, scopes: [...scopes], monthlyMicros, createdAt, usedAt }
}
