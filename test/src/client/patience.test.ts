import { expect, it } from 'vitest'
import { ensureDaemon } from '../../../src/client/launcher.ts'
import { createPatience, pauseMs, yieldedMs } from '../../../src/client/patience.ts'
import { clientOf, createHome } from '../../helpers/home.ts'
import { until } from '../../helpers/until.ts'

/** How often one looks within that time, at the pauses that `pause` gives. */
function looks(milliseconds: number, pause: (waitedMs: number) => number): number {
  let count = 0
  for (let waited = 0; waited < milliseconds; waited += pause(waited)) count += 1
  return count
}

it('pauseMs() lets look often in the first second, and four times a second in the end', () => {
  expect(looks(1_000, (waited) => pauseMs(waited, 0.5))).toBe(100)
  expect(looks(10_000, (waited) => pauseMs(waited, 0.5))).toBeLessThan(170)
  expect([pauseMs(60_000, 0), pauseMs(60_000, 1)]).toEqual([250, 250])
})

it('yieldedMs() lets start no more than fifteen daemons while one ends its answers for ten seconds', () => {
  expect(yieldedMs(0)).toBe(200)
  expect(looks(10_000, yieldedMs)).toBeLessThanOrEqual(15)
})

it('createPatience() says nothing of a short wait', async () => {
  const notes: string[] = []
  const patience = createPatience((text) => notes.push(text))
  await patience.pause('waiting')
  expect(notes).toEqual([])
})

it('ensureDaemon() says once what it waits for, and gets the next daemon', async () => {
  await using home = createHome()
  await home.run(['-q', '--detach', 'x', '-o', 'words=500', '-o', 'delayMs=8'])
  const before = home.daemon()?.pid
  await clientOf(home).call('shutdown', { drain: true })
  await until(() => home.daemon() === null)
  const notes: string[] = []
  expect(await ensureDaemon(home.paths, home.env, (text) => notes.push(text))).toBe(home.paths.socket)
  expect(notes).toEqual(['waiting for natterd to end its answers and start again'])
  expect(home.daemon()?.pid).not.toBe(before)
})
