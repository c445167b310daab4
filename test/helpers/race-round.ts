// Many commands in the same instant, and whether they end up on one daemon.

import { expect } from 'vitest'
import { wordsOf } from './asked-turn.ts'
import { daemonsOf, startsOf } from './daemons.ts'
import type { Home, RunResult } from './home.ts'
import { until } from './until.ts'

const ANSWER = { code: 0, signal: null, stdout: wordsOf(5), stderr: '' }

/** Commands that answer in five words without a pause. */
export function askAll(home: Home, clients: number): Promise<readonly RunResult[]> {
  const args = ['-q', '-o', 'words=5', '-o', 'delayMs=0', 'x']
  return Promise.all(Array.from({ length: clients }, () => home.run(args)))
}

/** Whole answers, nothing on stderr, exit code 0. */
export function expectAnswers(results: readonly RunResult[]): void {
  expect(results.filter((result) => JSON.stringify(result) !== JSON.stringify(ANSWER))).toEqual([])
}

/** What a kill -9 left lies there: the socket and daemon.json. Afterwards one daemon rules, and one was ever started. */
export async function raceRound(home: Home, clients: number): Promise<void> {
  await home.killDaemon()
  const before = startsOf(home)
  expectAnswers(await askAll(home, clients))
  await expectOneDaemon(home)
  expect(startsOf(home) - before).toBe(1)
}

/** Those that lost the race for the lock may still be on their way out. */
export async function expectOneDaemon(home: Home): Promise<number> {
  await until(() => daemonsOf(home).length === 1)
  const [pid = 0] = daemonsOf(home)
  expect(home.daemon()?.pid).toBe(pid)
  return pid
}
