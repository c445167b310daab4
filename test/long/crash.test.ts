// A hundred kills of the daemon in the middle of answers, all on one database.

import { it } from 'vitest'
import { createHome } from '../helpers/home.ts'
import { killRounds } from '../helpers/kill-round.ts'
import { createRandom } from '../helpers/random.ts'

it('natterd killed a hundred times ends every turn once and keeps what was shown', { timeout: 600_000 }, async () => {
  await using home = createHome()
  await killRounds(home, { kills: 100, random: createRandom() })
})
