import { expect, it } from 'vitest'
import { createHome } from '../helpers/home.ts'
import { startLimitedVendor } from '../helpers/limited-vendor.ts'
import { openTerminal } from '../src/commands/terminal.ts'

const PLENTY = { requestsPerMinute: 10_000, tokensPerMinute: 10_000_000 }

it('a question that waits for a limit says so, in a pipe once and on a terminal all the time', async () => {
  await using vendor = await startLimitedVendor({ limits: PLENTY })
  await using home = createHome({
    providers: { v: { baseUrl: vendor.baseUrl, local: true } },
    limits: { v: { requestsPerMinute: 1 } },
  })
  await home.run(['-q', '-m', 'v/m', 'first'])
  await using terminal = openTerminal(home, ['-m', 'v/m', 'second'])
  await terminal.sees(/waits for the limit of requests/)
  terminal.press('\u0003')
  const piped = await home.run(['-m', 'v/m', '--timeout', '4s', 'third'])
  expect(piped.code).toBe(124)
  expect(piped.stdout).toBe('')
  expect(piped.stderr.match(/natter: waits for the limit of requests, about \d+ s/g)).toHaveLength(1)
})
