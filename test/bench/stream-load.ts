// Many streams through one door: always so many at once, or so many a second whatever happens.

import { setTimeout as delay } from 'node:timers/promises'
import type { Door, Pace, StreamTimes } from './stream-doors.ts'

export interface Load {
  readonly name: string
  readonly pace: Pace
  readonly streams: number
  readonly arrival:
    | { readonly type: 'closed'; readonly atOnce: number }
    | { readonly type: 'open'; readonly perSecond: number }
}

export interface LoadTimes {
  readonly times: readonly StreamTimes[]
  readonly perSecond: number
}

export async function runLoad(door: Door, load: Load): Promise<LoadTimes> {
  const startedAt = performance.now()
  const times = await (load.arrival.type === 'closed'
    ? runClosed(door, load, load.arrival.atOnce)
    : runOpen(door, load, load.arrival.perSecond))
  return { times, perSecond: (times.length / (performance.now() - startedAt)) * 1000 }
}

async function runClosed(door: Door, { pace, streams }: Load, atOnce: number): Promise<readonly StreamTimes[]> {
  const times: StreamTimes[] = []
  let left = streams
  const lane = async () => {
    while (left > 0) {
      left -= 1
      times.push(await door(pace))
    }
  }
  await Promise.all(Array.from({ length: atOnce }, lane))
  return times
}

async function runOpen(door: Door, { pace, streams }: Load, perSecond: number): Promise<readonly StreamTimes[]> {
  const startedAt = performance.now()
  const running: Promise<StreamTimes>[] = []
  for (let index = 0; index < streams; index += 1) {
    await delay(Math.max(0, startedAt + (index * 1000) / perSecond - performance.now()))
    running.push(door(pace))
  }
  return Promise.all(running)
}
