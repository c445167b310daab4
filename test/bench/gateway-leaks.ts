// Callers that leave: how many calls of the vendor stay open behind them.

import { Agent, type ClientRequest, request } from 'node:http'
import { setTimeout as delay } from 'node:timers/promises'
import type { ChatOptions } from './stream-doors.ts'

const CALLERS = 20
/** How long a slow reader reads nothing, and how long the middle then has to tell the vendor, in milliseconds. */
const STALL_MS = 500
const PATIENCE_MS = 5_000

export interface Leaks {
  /** Of 20 that took a head and read no further. */
  readonly slowReaders: number
  /** Of 20 that were cut before the first byte. */
  readonly earlyLeavers: number
  readonly waitedMs: number
}

export async function measureLeaks(port: number, chat: ChatOptions, upstreamPort: number): Promise<Leaks> {
  const startedAt = performance.now()
  const slowReaders = await leave(port, chat, upstreamPort, 'endless')
  const earlyLeavers = await leave(port, chat, upstreamPort, 'silent')
  return { slowReaders, earlyLeavers, waitedMs: performance.now() - startedAt }
}

async function leave(port: number, chat: ChatOptions, upstreamPort: number, model: string): Promise<number> {
  const before = await openCalls(upstreamPort)
  const agent = new Agent({ keepAlive: false, maxSockets: CALLERS })
  const callers = Array.from({ length: CALLERS }, () => ask(agent, port, chat, model))
  await poll(async () => (await openCalls(upstreamPort)) - before >= CALLERS)
  await delay(STALL_MS)
  for (const caller of callers) caller.destroy()
  await poll(async () => (await openCalls(upstreamPort)) <= before)
  return Math.max(0, (await openCalls(upstreamPort)) - before)
}

function ask(agent: Agent, port: number, { headers = {}, prefix = '' }: ChatOptions, model: string): ClientRequest {
  const outgoing = request({
    ...{ agent, host: '127.0.0.1', port, method: 'POST', path: '/v1/chat/completions' },
    headers: { 'content-type': 'application/json', ...headers },
  })
  outgoing.on('response', (answer) => {
    answer.on('error', () => {})
    // One read opens the flow, and no more is taken.
    answer.once('readable', () => answer.read(1))
  })
  // Leaving is what is measured.
  outgoing.on('error', () => {})
  const messages = [{ role: 'user', content: 'Say a hundred words' }]
  outgoing.end(JSON.stringify({ model: `${prefix}${model}`, messages, stream: true }))
  return outgoing
}

async function openCalls(upstreamPort: number): Promise<number> {
  return Number(await (await fetch(`http://127.0.0.1:${upstreamPort}/`)).text())
}

async function poll(condition: () => Promise<boolean>): Promise<void> {
  const deadline = performance.now() + PATIENCE_MS
  while (performance.now() < deadline && !(await condition())) await delay(20)
}
