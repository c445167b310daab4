import { once } from 'node:events'
import { expect, it } from 'vitest'
import { clientOf, createHome, type Home } from '../helpers/home.ts'
import { type LimitedVendor, startLimitedVendor } from '../helpers/limited-vendor.ts'
import { until } from '../helpers/until.ts'

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

it('a device is held to its own budget, which natter status and natter usage tell by its name', async () => {
  await using vendor = await startLimitedVendor({ limits: PLENTY })
  await using home = await pricedHome(vendor, 100)
  const { url, token } = JSON.parse((await home.run(['serve', '--port', '0', '--json'])).stdout)
  const ask = () =>
    fetch(`${url}/v1/chat/completions`, {
      method: 'POST',
      headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
      body: JSON.stringify({ model: 'v/m', messages: [{ role: 'user', content: 'hello' }] }),
    })
  expect((await ask()).status).toBe(200)
  expect((await home.run(['devices', 'budget', 'serve', '0.001'])).code).toBe(0)
  const refused = await ask()
  expect(refused.status).toBe(402)
  expect(JSON.stringify(await refused.json())).toContain('the monthly budget of this device is $0.0010')
  expect((await home.run(['status'])).stdout).toMatch(/serve +\$\S+ of \$0\.001 spent \(\d+ %: all of it\)/)
  expect((await home.run(['usage', '--by', 'device'])).stdout).toMatch(/^serve +2 /m)
  const { rows } = JSON.parse((await home.run(['usage', '--by', 'device', '--json'])).stdout)
  expect(rows[0]).toMatchObject({ key: expect.stringMatching(/^dev_/), title: 'serve', calls: 2 })
  expect((await home.run(['-q', '-m', 'v/m', 'the owner goes on'])).code).toBe(0)
})

it('natter usage tells by day, model and conversation, with bars, as JSON and as CSV', async () => {
  await using vendor = await startLimitedVendor({ limits: PLENTY })
  await using home = await pricedHome(vendor, 100)
  await home.run(['-q', '-m', 'v/m', 'a question'])
  await home.run(['-q', '-m', 'v/unpriced', 'another'])
  const today = new Date().toLocaleDateString('sv')
  expect((await home.run(['usage'])).stdout).toMatch(new RegExp(`^${today} +2 .*\\$\\S+ \\+ unknown +█+$`, 'm'))
  const { stdout: models } = await home.run(['usage', '--by', 'model'])
  expect(models).toMatch(/^v\/m +1 .*█/m)
  expect(models).toMatch(/^v\/unpriced +1 .*unknown/m)
  expect((await home.run(['usage', '--by', 'conversation'])).stdout).toMatch(/[0-9a-f]{8} a question +1 /)
  const { rows, month } = JSON.parse((await home.run(['usage', '--by', 'model', '--json'])).stdout)
  expect(rows).toMatchObject([
    { key: 'v/m', calls: 1, unpricedCalls: 0, costMicros: month.spentMicros },
    { key: 'v/unpriced', calls: 1, unpricedCalls: 1, costMicros: 0 },
  ])
  const lines = (await home.run(['usage', '--by', 'model', '--csv'])).stdout.split('\r\n')
  expect(lines[0]).toBe('model,title,calls,input_tokens,cached_input_tokens,output_tokens,cost_usd,unpriced_calls')
  expect(lines[1]).toMatch(/^v\/m,,1,\d+,0,\d+,0\.\d{6},0$/)
})

it('natter usage draws bars that can be compared, and counts what was refused as asked', async () => {
  await using vendor = await startLimitedVendor({ limits: PLENTY })
  await using home = await pricedHome(vendor, 100)
  await home.run(['-q', '-m', 'v/free', 'a question of many words, which takes more tokens than the other one does'])
  await home.run(['-q', '-m', 'v/unpriced', 'other'])
  const byTokens = (await home.run(['usage', '--by', 'model'])).stdout
  expect(byTokens).toMatch(/ ASKED +IN +OUT +COST/)
  expect(byTokens).toMatch(/^v\/free +1 .*unknown +█{24}$/m)
  expect(byTokens).toMatch(/^v\/unpriced +1 .*unknown +█{1,15}[▏▎▍▌▋▊▉]?$/m)
  await home.run(['-q', '-m', 'v/m', 'priced'])
  await home.run(['-q', '-m', 'v/m', '--max-cost', '0.000001', 'refused'])
  const byCost = (await home.run(['usage', '--by', 'model'])).stdout
  expect(byCost).toMatch(/^v\/m +2 .*\$\S+ +█{24}$/m)
  expect(byCost).toMatch(/^v\/free +1 .*unknown *$/m)
})

it.each([[['--since', '2026-13-45']], [['--since', '2026-02-30']], [['--csv', '--json']]])(
  'natter usage %j is wrong usage',
  async (options) => {
    await using home = createHome()
    expect(await home.run(['usage', ...options])).toMatchObject({ code: 2, stdout: '' })
  },
)

it('natter history shows a price that nobody knows as unknown, alone and beside one that is known', async () => {
  await using vendor = await startLimitedVendor({ limits: PLENTY })
  await using home = await pricedHome(vendor, 100)
  await home.run(['-q', '-m', 'v/unpriced', 'a question'])
  expect((await home.run(['history', 'list'])).stdout).toMatch(/ 2 +unknown +a question$/m)
  expect((await home.run(['history', 'show', 'a question'])).stdout).toContain('- Cost: unknown\n')
  await home.run(['-q', '-c', '-m', 'v/m', 'and another'])
  expect((await home.run(['history', 'list'])).stdout).toMatch(/ 4 +\$\S+ \+ unknown +a question$/m)
  expect((await home.run(['history', 'show', 'a question'])).stdout).toMatch(/^- Cost: \$\S+ \+ unknown$/m)
  const [conversation] = JSON.parse((await home.run(['history', 'list', '--json'])).stdout)
  expect(conversation).toMatchObject({ unpricedAnswers: 1 })
})

it('natter why does not say that an answer cost nothing whose natterd was killed', async () => {
  await using home = createHome()
  const asked = home.start(['-q', 'cut', '-o', 'words=500', '-o', 'delayMs=20'])
  await once(asked.stdout, 'data')
  // Its first words are on the disk by then.
  await until(async () => (await clientOf(home).call('turns.list', {})).turns[0]?.outputTokens !== 0)
  await home.killDaemon()
  asked.kill('SIGKILL')
  const { stdout } = await home.run(['why', 'cut'])
  expect(stdout).toMatch(/^cost +unknown$/m)
})

it('natter why tells of an answer that was given again, and that it cost nothing', async () => {
  await using vendor = await startLimitedVendor({ limits: PLENTY })
  await using home = await pricedHome(vendor, 100)
  await home.run(['-q', '-m', 'v/m', '--cache', 'first'])
  expect((await home.run(['-u', '-m', 'v/m', '--cache', 'first'])).stderr).toMatch(
    /given again, as answered just now, \$\S+ saved · cost nothing/,
  )
  const [{ conversationId }] = JSON.parse((await home.run(['history', 'list', '--json'])).stdout)
  const { stdout } = await home.run(['why', conversationId])
  expect(stdout).toMatch(/^cost +nothing$/m)
  expect(stdout).toMatch(/^given again +from .*, which saved \$/m)
})

it('an answer that was given again is marked in history, exports and JSON, and cost 0 there', async () => {
  await using vendor = await startLimitedVendor({ limits: PLENTY })
  await using home = await pricedHome(vendor, 100)
  await home.run(['-q', '-n', '-m', 'v/m', '--cache', 'same'])
  const again = JSON.parse((await home.run(['-q', '--json', '-m', 'v/m', '--cache', 'same'])).stdout)
  expect(again).toMatchObject({ cost: 0, usage: null, cached: { createdAt: expect.any(Number) } })
  expect(again.cached.saved).toBeGreaterThan(0)
  const waited = JSON.parse((await home.run(['wait', '--json', again.turnId])).stdout)
  expect(waited).toMatchObject({ cost: 0, cached: again.cached })
  const [question, answer] = JSON.parse((await home.run(['history', 'show', 'same', '--json'])).stdout).messages
  expect([question.cached, answer.costMicros]).toEqual([null, 0])
  expect(answer.cached).toEqual({ createdAt: again.cached.createdAt, savedMicros: again.cached.saved * 1e6 })
  for (const command of ['show', 'export']) {
    const { stdout } = await home.run(['history', command, 'same'])
    expect(stdout).toMatch(/UTC · given again, as answered \S+ \S+ UTC, \$\S+ saved\*$/m)
  }
  expect(JSON.parse((await home.run(['-q', '--json', '-m', 'v/m', 'anew'])).stdout)).toMatchObject({ cached: null })
})
