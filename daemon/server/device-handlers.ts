// Operations on devices and on the TCP door: the owner's only, so they stand on the socket and nowhere else.

import type { Devices } from '../devices/devices.ts'
import type { Handlers } from './handlers.ts'

type DeviceHandlers = Pick<Handlers, Extract<keyof Handlers, `${'devices' | 'serve'}.${string}`>>

export interface DeviceRooms {
  readonly devices: Devices
  readonly startServe: Handlers['serve.start']
  readonly stopServe: Handlers['serve.stop']
}

export function createDeviceHandlers({ devices, startServe, stopServe }: DeviceRooms): DeviceHandlers {
  return {
    'devices.list': () => Promise.resolve({ devices: [...devices.list()] }),
    'devices.add': async ({ name, scopes, monthlyMicros = null }) => ({
      ...(await devices.add({ name, scopes, monthlyMicros })),
    }),
    'devices.update': async ({ deviceId, ...patch }) => ({ device: await devices.update(deviceId, patch) }),
    'devices.remove': async ({ deviceId }) => ({ removed: await devices.revoke(deviceId) }),
    'serve.start': startServe,
    'serve.stop': stopServe,
  }
}
