import { expect, it } from 'vitest'
import { createId } from '../../src/protocol/ids.ts'
import { startByteServer } from '../helpers/byte-server.ts'
import { clientOf, createHome, type Home } from '../helpers/home.ts'
import { type LimitedVendor, startLimitedVendor } from '../helpers/limited-vendor.ts'
import { until } from '../helpers/until.ts'

const PLENTY = { requestsPerMinute: 10_000, tokensPerMinute: 10_000_000 }

function homeOf(vendor: LimitedVendor, settings: object = {}): Home {
  return createHome({ providers: { v: { baseUrl: vendor.baseUrl, local: true } }, ...settings })
}

it('natter why tells what was sent, and who was asked', async () => {
  await using vendor = await startLimitedVendor({ limits: PLENTY })
  await using home = homeOf(vendor)
  await home.run(['-q', '-m', 'v/m', 'first question'])
  const { code, stdout } = await home.run(['why', 'first question'])
  expect(code).toBe(0)
  for (const word of ['completed', 'v/m', '1 message', 'nothing', 'call 1', 'answered']) expect(stdout).toContain(word)
  const { story, attempts } = JSON.parse((await home.run(['why', 'first question', '--json'])).stdout)
  expect(story).toMatchObject({ context: { sentMessages: 1, leftOutMessages: 0 }, cached: null })
  expect(attempts).toMatchObject([{ number: 1, model: 'v/m', error: null }])
})

it('natter models shows the prices and the context that the settings give to a model of an own server', async () => {
  await using server = await startByteServer((response) => {
    response.writeHead(200, { 'content-type': 'application/json' })
    response.end(JSON.stringify({ object: 'list', data: [{ id: 'm' }, { id: 'other' }] }))
  })
  await using home = createHome({
    providers: { v: { baseUrl: `${server.url}/v1` }, mine: { baseUrl: `${server.url}/v1`, local: true } },
    models: { 'v/m': { inputPrice: 1.5, outputPrice: 6, contextTokens: 12_000 } },
  })
  await home.run(['keys', 'set', 'v'], { stdin: 'sk-for-a-test-0123456789' })
  const { models } = JSON.parse((await home.run(['models', '--json'])).stdout)
  const priced = (name: string) => models.find(({ model }: { model: string }) => model === name)
  expect(priced('v/m')).toMatchObject({ inputPrice: 1.5, outputPrice: 6, contextTokens: 12_000, available: true })
  expect(priced('v/other')).toMatchObject({ inputPrice: null, outputPrice: null, contextTokens: null })
  expect(priced('mine/m')).toMatchObject({ inputPrice: 0, outputPrice: 0 })
})

it('natter why without an id tells of the last turn here', async () => {
  await using home = createHome()
  expect(await home.run(['why'])).toMatchObject({ code: 1, stderr: expect.stringContaining('no conversation yet') })
  await home.run(['-q', 'older', '-o', 'words=1', '-o', 'delayMs=0'])
  await home.run(['-q', 'newer', '-o', 'words=1', '-o', 'delayMs=0'])
  expect(await home.run(['why'])).toMatchObject({ code: 0, stdout: expect.stringContaining('of "newer"') })
})

it('natter retry asks the same again, beside the answer that was', async () => {
  await using vendor = await startLimitedVendor({ limits: PLENTY })
  await using home = homeOf(vendor)
  await home.run(['-q', '-m', 'v/m', 'opening'])
  await home.run(['-q', '-c', '-m', 'v/m', 'again please'])
  const retried = await home.run(['retry', '-q', '-m', 'v/other', 'opening'])
  expect(retried).toMatchObject({ code: 0, stdout: 'yes indeed' })
  expect(vendor.prompts).toEqual(['opening', 'again please', 'again please'])
  const client = clientOf(home)
  const { conversations } = await client.call('conversations.list', { limit: 1 })
  const { messages } = await client.call('messages.list', {
    conversationId: conversations[0]?.conversationId ?? 'cnv_x',
  })
  expect(messages.map((message) => message.model)).toEqual([null, 'v/m', null, 'v/other'])
  expect(conversations[0]?.messageCount).toBe(6)
})

it('natter retry of a first question stands at the beginning', async () => {
  await using vendor = await startLimitedVendor({ limits: PLENTY })
  await using home = homeOf(vendor)
  await home.run(['-q', '-m', 'v/m', 'opening'])
  expect(await home.run(['retry', '-q', '-m', 'v/m'])).toMatchObject({ code: 0, stdout: 'yes indeed' })
  const { messages } = await clientOf(home).call('messages.list', {
    conversationId: JSON.parse((await home.run(['history', 'list', '--json'])).stdout)[0].conversationId,
  })
  expect(messages).toHaveLength(2)
  expect(messages[0]?.parentId).toBeNull()
})

it('natter continue takes up what was cut off, and nothing that is whole', async () => {
  await using home = createHome()
  await home.run(['-q', 'cut short', '-o', 'words=50', '-o', 'delayMs=0', '-o', 'maxOutputTokens=5'])
  expect((await home.run(['continue', '-q', 'cut short'])).code).toBe(0)
  const shown = await home.run(['history', 'show', 'cut short'])
  expect(shown.stdout).toContain('Go on exactly where your last answer broke off')
  await home.run(['-q', 'all of it', '-o', 'words=2', '-o', 'delayMs=0'])
  expect(await home.run(['continue', 'all of it'])).toMatchObject({
    code: 1,
    stderr: expect.stringContaining('it is complete'),
  })
})

it('natterd asks no more at once than it is told, and everybody is answered', async () => {
  await using vendor = await startLimitedVendor({ limits: PLENTY, answerMs: 5 })
  await using home = homeOf(vendor, { limits: { v: { concurrent: 3 } } })
  const client = clientOf(home)
  const start = (prompt: string) =>
    client.call('turns.start', { turnId: createId('trn'), prompt, model: 'v/m', origin: 'script' })
  await Promise.all(Array.from({ length: 60 }, (_, index) => start(`question ${index}`)))
  await until(async () => (await client.call('turns.list', {})).turns.length === 0)
  expect(vendor.answered).toBe(60)
  expect(vendor.mostAtOnce).toBe(3)
})

it('natterd holds back what a vendor would refuse, and natter ps and status say why', async () => {
  await using vendor = await startLimitedVendor({ limits: { ...PLENTY, requestsPerMinute: 5 } })
  await using home = homeOf(vendor)
  const client = clientOf(home)
  // The first answer tells the limit.
  await home.run(['-q', '-m', 'v/m', 'first'])
  for (let index = 0; index < 8; index += 1) {
    await client.call('turns.start', { turnId: createId('trn'), prompt: 'more', model: 'v/m', origin: 'script' })
  }
  await until(async () => {
    const { turns } = await client.call('turns.list', {})
    return turns.length > 0 && turns.every((turn) => turn.wait?.reason === 'requests')
  })
  expect((await home.run(['ps'])).stdout).toContain('waits for the limit of requests')
  expect((await home.run(['status'])).stdout).toMatch(/v\/m .* of 5\b/)
  expect(vendor.refused).toBe(0)
})

it('another model answers where one cannot be had, if the user lets it', async () => {
  await using vendor = await startLimitedVendor({ limits: PLENTY })
  await using home = homeOf(vendor, {
    providers: { v: { baseUrl: vendor.baseUrl, local: true }, gone: { baseUrl: 'http://127.0.0.1:1/v1', local: true } },
    fallback: { models: ['v/m'] },
  })
  const answered = await home.run(['-m', 'gone/x', 'hello'])
  expect(answered).toMatchObject({ code: 0, stdout: 'yes indeed' })
  expect(answered.stderr).toMatch(/^natter: v\/m answered in place of gone\/x: Cannot .*127\.0\.0\.1:1/m)
  expect((await home.run(['why'])).stdout).toMatch(/^fallback +auto: another model may answer/m)
  expect((await home.run(['-q', '-m', 'gone/x', 'quietly'])).stderr).toBe('')
  const why = JSON.parse((await home.run(['why', 'hello', '--json'])).stdout)
  expect(why.turn.model).toBe('v/m')
  expect(why.attempts.map((attempt: { model: string }) => attempt.model)).toEqual(['gone/x', 'v/m'])
  const asked = await home.run(['-m', 'gone/x', '--fallback', 'ask', 'hello again'])
  expect(asked).toMatchObject({ code: 4, stderr: expect.stringContaining('natter retry -m v/m') })
})

it('a conversation keeps its own word on fallback, which a question may overrule', async () => {
  await using vendor = await startLimitedVendor({ limits: PLENTY })
  await using home = homeOf(vendor, {
    providers: { v: { baseUrl: vendor.baseUrl, local: true }, gone: { baseUrl: 'http://127.0.0.1:1/v1', local: true } },
    fallback: { models: ['v/m'] },
  })
  expect(await home.run(['-q', '-m', 'gone/x', 'hello'])).toMatchObject({ code: 0, stdout: 'yes indeed' })
  const set = await home.run(['history', 'set', 'hello', '--fallback', 'never'])
  expect(set).toMatchObject({ code: 0, stdout: '', stderr: expect.stringContaining('no other model answers') })
  expect((await home.run(['history', 'show', 'hello'])).stdout).toContain('- Fallback: never')
  expect((await home.run(['-r', 'hello', '-m', 'gone/x', 'and now'])).code).not.toBe(0)
  expect(JSON.parse((await home.run(['why', 'hello', '--json'])).stdout).story.fallback).toBe('never')
  expect(await home.run(['-r', 'hello', '-m', 'gone/x', '--fallback', 'auto', 'now'])).toMatchObject({ code: 0 })
  await home.run(['history', 'set', 'hello', '--fallback', 'default'])
  expect((await home.run(['-r', 'hello', '-m', 'gone/x', 'again'])).code).toBe(0)
  expect((await home.run(['history', 'show', 'hello'])).stdout).toContain('- Fallback: as the settings say')
  expect(await home.run(['history', 'set', 'hello'])).toMatchObject({ code: 2 })
  expect(await home.run(['history', 'set', 'hello', '--fallback', 'maybe'])).toMatchObject({ code: 2 })
})

it('nothing is asked that would go over the budget, but for who says so', async () => {
  await using vendor = await startLimitedVendor({ limits: PLENTY })
  await using home = homeOf(vendor, {
    providers: { v: { baseUrl: vendor.baseUrl } },
    models: { 'v/m': { inputPrice: 1_000, outputPrice: 1_000 } },
    budget: { monthly: 0.01 },
  })
  await home.run(['keys', 'set', 'v'], { stdin: 'sk-for-a-test-0123456789' })
  const refused = await home.run(['-m', 'v/m', 'too dear'])
  expect(refused).toMatchObject({ code: 5, stderr: expect.stringContaining('monthly budget') })
  expect((await home.run(['-m', 'v/m', '--max-cost', '0.001', '--over-budget', 'too dear'])).code).toBe(5)
  expect(vendor.answered).toBe(0)
  expect((await home.run(['-q', '-m', 'v/m', '--over-budget', 'all the same'])).code).toBe(0)
  const { rows, month } = JSON.parse((await home.run(['usage', '--by', 'model', '--json'])).stdout)
  expect(rows[0]).toMatchObject({ key: 'v/m', unpricedCalls: 0 })
  expect(month.spentMicros).toBe(rows[0].costMicros)
  expect(month.spentMicros).toBeGreaterThan(0)
})

it('an answer to the very same question is given again where that is wanted', async () => {
  await using vendor = await startLimitedVendor({ limits: PLENTY })
  await using home = homeOf(vendor)
  for (const flags of [['--cache'], ['--cache'], [], ['--refresh'], ['--cache']]) {
    expect(await home.run(['-q', '-m', 'v/m', ...flags, 'same'])).toMatchObject({ code: 0, stdout: 'yes indeed' })
  }
  expect(vendor.answered).toBe(3)
})

it('-m auto chooses by the rules, and says which and why', async () => {
  await using vendor = await startLimitedVendor({ limits: PLENTY })
  await using home = homeOf(vendor, { routing: { cheap: 'v/small', strong: 'v/large' } })
  expect((await home.run(['-m', 'auto', 'hello'])).stderr).toContain('auto chose v/small: no rule asks')
  expect((await home.run(['-m', 'auto', 'debug this'])).stderr).toContain('auto chose v/large: the prompt says "debug"')
  expect((await home.run(['-m', 'auto', '--dry-run', 'hello'])).stderr).toBe(
    'natter: auto chose v/small: no rule asks for the strong one\n',
  )
})

it.each([
  ['usage', '--csv'],
  ['usage', '--by', 'conversation'],
  ['usage', '--since', '7d'],
  ['status', '--json'],
])('natter %s %s prints what it is asked for', async (...args) => {
  await using home = createHome()
  await home.run(['-q', 'x', '-o', 'words=1', '-o', 'delayMs=0'])
  const { code, stdout } = await home.run(args)
  expect(code).toBe(0)
  expect(stdout.length).toBeGreaterThan(20)
})
