import { expect, it } from 'vitest'
import { createHome, type Home } from '../helpers/home.ts'
import { type LimitedVendor, startLimitedVendor } from '../helpers/limited-vendor.ts'

const PLENTY = { requestsPerMinute: 10_000, tokensPerMinute: 10_000_000 }

/** A tenth of a cent for each token, in and out. */
async function pricedHome(vendor: LimitedVendor, monthly: number): Promise<Home> {
  const home = createHome({
    providers: { v: { baseUrl: vendor.baseUrl } },
    models: { 'v/m': { inputPrice: 1_000, outputPrice: 1_000 } },
    budget: { monthly },
  })
  await home.run(['keys', 'set', 'v'], { stdin: 'sk-for-a-test-0123456789' })
  return home
}

it('a budget that is nearly spent is said on stderr, by natter status and by natter usage', async () => {
  await using vendor = await startLimitedVendor({ limits: PLENTY })
  await using home = await pricedHome(vendor, 100)
  const first = await home.run(['-m', 'v/m', 'hello'])
  expect(first.code).toBe(0)
  expect(first.stderr).not.toContain('budget')
  const { month } = JSON.parse((await home.run(['usage', '--json'])).stdout)
  const limit = (month.spentMicros * 2) / 0.855 / 1e6
  await home.run(['config', 'set', 'budget.monthly', String(limit)])
  const second = await home.run(['-m', 'v/m', '--over-budget', 'good bye'])
  expect(second).toMatchObject({ code: 0, stdout: 'yes indeed' })
  expect(second.stderr).toMatch(/the monthly budget is nearly spent: \$\S+ of \$\S+, 85 %/)
  expect((await home.run(['status'])).stdout).toContain('(85 %: nearly all of it)')
  expect((await home.run(['usage'])).stderr).toContain('(85 %: nearly all of it)')
  expect((await home.run(['why', 'good bye'])).stdout).toContain('nearly spent')
})

it('natter --dry-run says that the budget would refuse it', async () => {
  await using vendor = await startLimitedVendor({ limits: PLENTY })
  await using home = await pricedHome(vendor, 0.01)
  const { code, stdout } = await home.run(['--dry-run', '-m', 'v/m', 'hello'])
  expect(code).toBe(0)
  expect(stdout).toMatch(/likely +\$\S+, with an answer of \d+ tokens/)
  expect(stdout).toMatch(/refused +Cannot send: the monthly budget is \$0\.01/)
  const estimate = JSON.parse((await home.run(['--dry-run', '--json', '-m', 'v/m', 'hello'])).stdout)
  expect(estimate).toMatchObject({ sentMessages: 1, leftOutMessages: 0, refusal: { code: 'over-budget' } })
  expect((await home.run(['--dry-run', '--over-budget', '-m', 'v/m', 'hello'])).stdout).not.toContain('refused')
  expect(vendor.answered).toBe(0)
})
