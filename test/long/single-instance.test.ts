// What takes long to show about the one daemon.

import { rmSync } from 'node:fs'
import { expect, it } from 'vitest'
import { createHome } from '../helpers/home.ts'
import { askAll, expectAnswers, expectOneDaemon, raceRound } from '../helpers/race-round.ts'

it('natter started 20 times at once finds or makes one daemon, 50 times', { timeout: 600_000 }, async () => {
  await using home = createHome()
  expectAnswers(await askAll(home, 1))
  for (let round = 0; round < 50; round += 1) await raceRound(home, 20)
})

it('natterd binds again when its socket was taken away', async () => {
  await using home = createHome()
  expectAnswers(await askAll(home, 1))
  const pid = await expectOneDaemon(home)
  rmSync(home.paths.socket)
  expectAnswers(await askAll(home, 5))
  expect(await expectOneDaemon(home)).toBe(pid)
})
