// A disk that fills up while an answer comes in: the person hears of it, and the answer is saved when there is room.

import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import type { ServerResponse } from 'node:http'
import { fileURLToPath } from 'node:url'
import { expect, it } from 'vitest'
import { startByteServer } from '../helpers/byte-server.ts'
import { collect, createHome, type Home, NATTERD } from '../helpers/home.ts'
import { openTurnReader } from '../helpers/stored-turn.ts'
import { until } from '../helpers/until.ts'
import { WIRES } from '../helpers/wire.ts'

const PRELOAD = fileURLToPath(new URL('./disk-full-preload.mjs', import.meta.url))
const WIRE = WIRES['openai-chat']
const ANSWER = 'more than fits into the pages that are free '.repeat(10_000)

it('natter says that a complete answer is not saved yet where the disk is full', { timeout: 60_000 }, async () => {
  const asked = Promise.withResolvers<ServerResponse>()
  await using vendor = await startByteServer((response) => asked.resolve(response))
  await using home = createHome({ providers: { acme: { baseUrl: `${vendor.url}/v1`, local: true } } })
  const daemon = await startDaemon(home)
  const natter = home.start(['-m', 'acme/any', 'a question'])
  natter.stdin.end()
  const ended = collect(natter)

  const response = await asked.promise
  response.writeHead(200, { 'content-type': 'text/event-stream' })
  await fill(daemon, true)
  response.end(WIRE.start + WIRE.delta(ANSWER) + WIRE.end)
  const { code, stdout, stderr } = await ended
  expect(stdout).toBe(ANSWER)
  expect(stderr).toMatch(/^natter: Cannot save the answer yet: the disk of ".*natter\.db" is full$/m)
  expect(stderr).toContain('natterd keeps the answer in memory and tries again')
  expect(code).toBe(0)
  using stored = openTurnReader(`${home.paths.data}/natter.db`)
  expect(stored.byPrompt('a question')).toMatchObject({ ended: 0, text: '' })

  await fill(daemon, false)
  await until(() => stored.byPrompt('a question')?.ended === 1)
  expect(stored.byPrompt('a question')).toMatchObject({ text: ANSWER, outcome: 'completed' })
})

async function startDaemon(home: Home): Promise<ChildProcess> {
  const daemon = spawn(process.execPath, ['--import', PRELOAD, NATTERD], {
    env: home.env,
    stdio: ['ignore', 'ignore', 'ignore', 'ipc'],
  })
  await until(() => home.daemon() !== null)
  return daemon
}

/** Resolves once it holds. */
async function fill(daemon: ChildProcess, isFull: boolean): Promise<void> {
  const done = once(daemon, 'message')
  daemon.send(isFull)
  await done
}
