// A few kills of the daemon in the middle of answers; `npm run test:long` does a hundred.

import { it } from 'vitest'
import { createHome } from '../helpers/home.ts'
import { killRounds } from '../helpers/kill-round.ts'
import { createRandom } from '../helpers/random.ts'

it('natterd killed while it answers ends every turn once and keeps what was shown', { timeout: 120_000 }, async () => {
  await using home = createHome()
  await killRounds(home, { kills: 5, random: createRandom() })
})
