// What becomes of an answer when the command that asked for it is told to go, or nobody reads it any more.

import { once } from 'node:events'
import { expect, it } from 'vitest'
import type { Turn } from '../../src/protocol/schema/entities.ts'
import { textOf } from '../../src/protocol/stream.ts'
import { clientOf, collect, createHome, type Home } from '../helpers/home.ts'
import { until } from '../helpers/until.ts'

const LONG = ['-q', 'x', '-o', 'words=2000', '-o', 'delayMs=5']

/** Its daemon does not wait for what still runs when a test ends. */
const IMPATIENT = { daemon: { drainSeconds: 0 } }

async function turnOf(home: Home): Promise<Turn> {
  return (await clientOf(home).call('turns.get', { reference: 'x' })).turn
}

async function keptText(home: Home): Promise<string> {
  const { messageId } = await turnOf(home)
  return textOf((await clientOf(home).call('messages.get', { messageId })).message.parts)
}

it.each([[[]], [['--output-format', 'stream-json']]])(
  'natter %j is quiet when its reader leaves, stops the answer and keeps what came',
  async (options) => {
    await using home = createHome(IMPATIENT)
    const child = home.start([...LONG, ...options])
    child.stdin.end()
    let stderr = ''
    child.stderr.on('data', (chunk) => {
      stderr += chunk
    })
    await once(child.stdout, 'data')
    child.stdout.destroy()
    const [code] = await once(child, 'close')
    expect([code, stderr]).toEqual([0, ''])
    await until(async () => (await turnOf(home)).status === 'ended')
    expect((await turnOf(home)).outcome).toEqual({ type: 'cancelled' })
    expect(await keptText(home)).toMatch(/^word1 /)
  },
)

it('natter stops its answer at SIGTERM, prints and keeps what came, and exits 143', async () => {
  await using home = createHome(IMPATIENT)
  const child = home.start(LONG)
  child.stdin.end()
  const done = collect(child)
  await once(child.stdout, 'data')
  child.kill('SIGTERM')
  // As a launcher does to a whole group.
  child.kill('SIGTERM')
  const { code, signal, stdout, stderr } = await done
  expect({ code, signal, stderr }).toEqual({ code: 143, signal: null, stderr: '' })
  expect((await turnOf(home)).outcome).toEqual({ type: 'cancelled' })
  expect(await keptText(home)).toBe(stdout)
})

it('natter exits 143 at SIGTERM where natterd does not answer', async () => {
  await using home = createHome(IMPATIENT)
  const child = home.start(LONG)
  child.stdin.end()
  const done = collect(child)
  await once(child.stdout, 'data')
  const pid = home.daemon()?.pid ?? Number.NaN
  process.kill(pid, 'SIGSTOP')
  try {
    child.kill('SIGTERM')
    expect((await done).code).toBe(143)
  } finally {
    process.kill(pid, 'SIGCONT')
  }
})

it('natter leaves its answer alone at SIGHUP, which is a terminal that closes', async () => {
  await using home = createHome(IMPATIENT)
  const child = home.start(LONG)
  child.stdin.end()
  const done = collect(child)
  await once(child.stdout, 'data')
  child.kill('SIGHUP')
  expect(await done).toMatchObject({ code: null, signal: 'SIGHUP', stderr: '' })
  expect((await turnOf(home)).status).toBe('running')
})

it.each(['wait', 'tail'])('natter %s leaves at SIGTERM with 143 and the turn goes on', async (command) => {
  await using home = createHome(IMPATIENT)
  const id = (await home.run([...LONG, '--detach'])).stdout.trim()
  const child = home.start([command, id])
  await until(async () => (await clientOf(home).call('status', {})).subscribers > 0)
  child.kill('SIGTERM')
  const { code, stderr } = await collect(child)
  expect(code).toBe(143)
  expect(stderr).toContain(`natter ${command} ${id.slice(-8)}`)
  expect((await turnOf(home)).status).toBe('running')
})

it.each([
  ['SIGINT', 130],
  ['SIGTERM', 143],
] as const)('natter that waits for standard input leaves at %s with %i', async (signal, exitCode) => {
  await using home = createHome()
  const child = home.start(['-q'])
  const done = collect(child)
  // More than any pipe holds: it is taken by then.
  await new Promise((resolve) => child.stdin.write('x'.repeat(4_000_000), resolve))
  child.kill(signal)
  const { code, signal: killer } = await done
  expect(code ?? killer).toBe(exitCode)
})
