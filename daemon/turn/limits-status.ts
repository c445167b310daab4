// The limits as `natter status` shows them.

import type { Device } from '../../src/protocol/schema/devices.ts'
import type { ResponseOf } from '../../src/protocol/schema/operations.ts'
import type { LaneStatus } from '../limits/limiter.ts'
import type { Rooms } from './rooms.ts'

type Status = ResponseOf<'limits.status'>

export async function limitsStatus(
  { limits }: Pick<Rooms, 'limits'>,
  devices: readonly Pick<Device, 'deviceId' | 'name' | 'monthlyMicros'>[] = [],
): Promise<Status> {
  const lanes = await limits.limiter.status()
  return {
    lanes: lanes.map(toLane),
    breakers: limits.breakers.status().map(({ provider, state, retryMs }) => ({
      ...{ provider, state },
      retryMs: retryMs === null ? null : Math.max(0, Math.round(retryMs)),
    })),
    month: { ...limits.spending.spent(null) },
    devices: devices
      .filter(({ monthlyMicros }) => monthlyMicros !== null)
      .map(({ deviceId, name }) => ({ deviceId, name, month: { ...limits.spending.spent(deviceId) } })),
  }
}

function toLane({ lane, limits, used, running, waiting, blockedMs }: LaneStatus): Status['lanes'][number] {
  const { provider, model, key } = lane
  return {
    ...{ provider, model, key, running, waiting },
    concurrent: limits.concurrent,
    requests: { used: used.requests, limit: limits.requests },
    tokens: { used: Math.round(used.inputTokens + used.outputTokens), limit: limits.tokens },
    blockedMs: Math.round(blockedMs),
  }
}
