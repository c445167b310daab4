import { once } from 'node:events'
import { readdirSync, readlinkSync } from 'node:fs'
import { expect, it } from 'vitest'
import { clientOf, createHome } from '../helpers/home.ts'
import { until } from '../helpers/until.ts'

/** Node gives a child sockets for them; one more leads to natterd. */
const STANDARD_STREAMS = 3

it('a question that was given up while natterd was held up is stopped when it goes on', async () => {
  await using home = createHome()
  await home.run(['-q', 'warm', '-o', 'words=1', '-o', 'delayMs=0'])
  const pid = home.daemon()?.pid ?? 0
  process.kill(pid, 'SIGSTOP')
  try {
    const child = home.start(['-q', 'given up', '-o', 'words=5000', '-o', 'delayMs=20'])
    child.stdin.end()
    await until(() => socketsOf(child.pid ?? 0) > STANDARD_STREAMS)
    child.kill('SIGINT')
    const [code] = await once(child, 'exit')
    expect(code).toBe(130)
  } finally {
    process.kill(pid, 'SIGCONT')
  }
  const client = clientOf(home)
  await until(async () => (await client.call('turns.list', {})).turns.length === 0)
  // Whether its request was out by then or not.
  const { conversations } = await client.call('conversations.list', { limit: 1, query: 'given up' })
  for (const { conversationId } of conversations) {
    const { turn } = await client.call('turns.get', { reference: conversationId })
    expect(turn.outcome).toEqual({ type: 'cancelled' })
  }
})

function socketsOf(pid: number): number {
  const directory = `/proc/${pid}/fd`
  return readdirSync(directory).filter((name) => {
    try {
      return readlinkSync(`${directory}/${name}`).startsWith('socket:')
    } catch {
      // Closed meanwhile.
      return false
    }
  }).length
}
