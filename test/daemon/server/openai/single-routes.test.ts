import { expect, it } from 'vitest'
import { addOpenAiDoor } from '../../../../daemon/server/openai/door.ts'
import type { OpenAiDoorOptions } from '../../../../daemon/server/openai/door-options.ts'
import type { SingleCaller } from '../../../../daemon/turn/single-calls.ts'
import { ask, openDoor } from '../../../helpers/tcp-door.ts'

const CALLS = [
  ['/v1/embeddings', { model: 'a/b', input: 'x' }],
  ['/v1/images/generations', { model: 'a/b', prompt: 'x' }],
] as const
const COSTS = [
  ['0.25', 200, [{ deviceId: expect.stringMatching(/^dev_/), maxCostMicros: 250_000 }]],
  ['', 200, [{ deviceId: expect.stringMatching(/^dev_/), maxCostMicros: null }]],
  ['much', 400, []],
] as const

it.each(CALLS.flatMap(([path, body]) => COSTS.map((cost) => [path, body, ...cost] as const)))(
  'POST %s %j heeds "x-natter-max-cost: %s"',
  async (path, body, cost, status, expected) => {
    const callers: SingleCaller[] = []
    const call = (_asked: unknown, caller: SingleCaller) => {
      callers.push(caller)
      return Promise.resolve({ value: [], model: 'a/b', usage: null })
    }
    const options = { singleCalls: { embed: call, draw: call }, closing: new AbortController().signal }
    await using door = await openDoor({
      addRoutes: (server) => addOpenAiDoor(server, options as unknown as OpenAiDoorOptions),
    })
    const text = JSON.stringify(body)
    const headers = ['host: 127.0.0.1', `authorization: Bearer ${door.token}`, `x-natter-max-cost: ${cost}`]
    const more = ['content-type: application/json', `content-length: ${text.length}`]
    const answer = await ask(door.port, `POST ${path}`, [...headers, ...more], text)
    expect([answer.status, callers]).toEqual([status, expected])
  },
)
