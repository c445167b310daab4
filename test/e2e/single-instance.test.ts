// One daemon, whatever races, whatever lies around; `npm run test:long` races fifty times.

import { spawn } from 'node:child_process'
import { existsSync, mkdirSync, rmSync, writeFileSync } from 'node:fs'
import { expect, it } from 'vitest'
import { wordsOf } from '../helpers/asked-turn.ts'
import { daemonsOf, exitCodeOf, spawnDaemon, startsOf } from '../helpers/daemons.ts'
import { createHome, type Home, isAlive } from '../helpers/home.ts'
import { askAll, expectAnswers, expectOneDaemon, raceRound } from '../helpers/race-round.ts'
import { rawCalls } from '../helpers/raw-socket.ts'
import { until } from '../helpers/until.ts'

const PATIENT = { timeout: 120_000 }

it('natter started 20 times at once finds or makes one daemon', PATIENT, async () => {
  await using home = createHome()
  expectAnswers(await askAll(home, 20))
  await expectOneDaemon(home)
  for (let round = 0; round < 3; round += 1) await raceRound(home, 20)
})

it('natter does not mistake a living foreign process for the daemon', PATIENT, async () => {
  await using home = createHome()
  expectAnswers(await askAll(home, 1))
  const stale = home.daemon()
  await home.killDaemon()
  const foreign = spawn(process.execPath, ['-e', 'setInterval(() => {}, 1000)'])
  writeDaemonFile(home, { ...stale, pid: foreign.pid })
  expectAnswers(await askAll(home, 5))
  await expectOneDaemon(home)
  expect(isAlive(foreign.pid ?? 0)).toBe(true)
  foreign.kill()
})

it('natter names the directory that lies where the socket belongs, and starts once it is gone', PATIENT, async () => {
  await using home = createHome()
  mkdirSync(`${home.paths.socket}/rubbish`, { recursive: true, mode: 0o700 })
  writeDaemonFile(home, { socket: home.paths.socket, pid: 1, build: 'another' })
  for (const { code, stdout, stderr } of await askAll(home, 5)) {
    expect({ code, stdout }).toEqual({ code: 7, stdout: '' })
    expect(stderr).toContain(`"${home.paths.socket}": a directory lies there`)
  }
  expect(daemonsOf(home)).toEqual([])
  expect(existsSync(`${home.paths.socket}/rubbish`)).toBe(true)
  rmSync(home.paths.socket, { recursive: true })
  expectAnswers(await askAll(home, 5))
  await expectOneDaemon(home)
})

it('natterd that is stopped for a while stays the only one', PATIENT, async () => {
  await using home = createHome()
  expectAnswers(await askAll(home, 1))
  const pid = await expectOneDaemon(home)
  process.kill(pid, 'SIGSTOP')
  const waiting = askAll(home, 5)
  const rivals = Array.from({ length: 3 }, () => spawnDaemon(home))
  // Refused by the lock, which a stopped process goes on holding.
  expect(await Promise.all(rivals.map(exitCodeOf))).toEqual([0, 0, 0])
  process.kill(pid, 'SIGCONT')
  expectAnswers(await waiting)
  expect(await expectOneDaemon(home)).toBe(pid)
  expect(startsOf(home)).toBe(1)
})

it.each([1, 20])(
  'natter, %i of them, that comes while the daemon drains starts the next one',
  PATIENT,
  async (clients) => {
    await using home = createHome()
    const args = ['-q', '-o', 'words=100', '-o', 'delayMs=20', 'long']
    const running = home.run(args)
    await until(() => home.daemon() !== null)
    const daemon = rawCalls(home.paths.socket)
    await until(async () => (await daemon('turns.list', {})).turns.length === 1)
    const [old] = daemonsOf(home)
    await daemon('shutdown', { drain: true })
    expectAnswers(await askAll(home, clients))
    expect(await expectOneDaemon(home)).not.toBe(old)
    expect(await running).toMatchObject({ code: 0, stdout: wordsOf(100) })
  },
)

function writeDaemonFile(home: Home, facts: object): void {
  mkdirSync(home.paths.state, { recursive: true, mode: 0o700 })
  writeFileSync(`${home.paths.state}/daemon.json`, JSON.stringify(facts))
}
