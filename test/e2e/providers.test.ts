import { once } from 'node:events'
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { textOf } from '../../src/protocol/stream.ts'
import { type Aimock, startAimock } from '../helpers/aimock.ts'
import { clientOf, collect, createHome, type Home } from '../helpers/home.ts'

const KEY = 'sk-test-0123456789abcdefghij'

/** What aimock begins to say before it breaks off. */
const LONG = Array.from({ length: 60 }, (_, index) => `word${index}`).join(' ')

const FORMATS = [
  {
    format: 'openai-responses',
    model: 'openai/gpt-5.4',
    env: (aimock: Aimock) => ({ OPENAI_API_KEY: KEY, OPENAI_BASE_URL: aimock.baseUrls['openai-responses'] }),
  },
  {
    format: 'anthropic',
    model: 'anthropic/claude-sonnet-5',
    env: (aimock: Aimock) => ({ ANTHROPIC_API_KEY: KEY, ANTHROPIC_BASE_URL: aimock.baseUrls.anthropic }),
  },
  {
    format: 'gemini',
    model: 'gemini/gemini-3.8-flash',
    env: (aimock: Aimock) => ({ GEMINI_API_KEY: KEY, GEMINI_BASE_URL: aimock.baseUrls.gemini }),
  },
] as const

const PASSING: readonly [string, number][] = [
  ['ratelimited', 4],
  ['overloaded', 4],
  ['boom', 1],
]

describe.each(FORMATS)('$format, end to end', ({ model, env, format }) => {
  it('natter streams the answer of the model it was told, through the key and URL of its shell', async () => {
    await using aimock = await startAimock()
    await using home = createHome()
    const { code, stdout, stderr } = await home.run(['-m', model, 'hello'], { env: env(aimock) })
    expect([code, stdout, stderr]).toEqual([0, 'Hello from aimock, streamed in small pieces.', ''])
  })

  it('natter chooses the provider of the only key when no model is named', async () => {
    await using aimock = await startAimock()
    await using home = createHome()
    const { stdout } = await home.run(['--json', 'hello'], { env: env(aimock) })
    expect(JSON.parse(stdout)).toMatchObject({ model: expect.stringMatching(new RegExp(`^${model.split('/')[0]}/`)) })
  })

  it('natter keeps reasoning apart from the answer, and reports the provider’s usage', async () => {
    await using aimock = await startAimock()
    await using home = createHome()
    const { stdout } = await home.run(['--json', '-m', model, 'think'], { env: env(aimock) })
    const answer = JSON.parse(stdout)
    expect(answer).toMatchObject({
      text: 'The answer is 42.',
      usage: { inputTokens: 11, outputTokens: 7, estimated: false },
    })
    const { turn } = await clientOf(home).call('turns.get', { reference: answer.turnId })
    const { message } = await clientOf(home).call('messages.get', { messageId: turn.messageId })
    expect(message.parts.find((part) => part.type === 'reasoning')?.text).toBe('Let me think step by step.')
  })

  it.each([
    ['badkey', 3],
    ['noquota', 4],
    ['toolong', 6],
    // What is tried again takes seconds, and what follows it does not depend on the format.
    ...(format === 'gemini' ? PASSING : []),
  ])('natter turns "%s" into exit code %i, a sentence and a hint, and keeps the prompt', async (keyword, exitCode) => {
    await using aimock = await startAimock()
    await using home = createHome()
    const { code, stdout, stderr } = await home.run(['-m', model, keyword], { env: env(aimock) })
    expect([code, stdout]).toEqual([exitCode, ''])
    // A wait of more than two seconds is told as well.
    expect(stderr).toMatch(/^(?:natter: will ask again.*\n)?natter: \S.+\n {2}\S.+\n$/)
    expect(stderr).not.toContain(KEY)
    expect(await stored(home)).toEqual([keyword, ''])
  })

  it.each(['truncate', 'cutoff'])('natter keeps and prints what came before "%s", and fails', async (keyword) => {
    await using aimock = await startAimock()
    await using home = createHome()
    const { code, stdout, stderr } = await home.run(['-m', model, keyword], { env: env(aimock) })
    expect(code).toBe(1)
    expect(LONG.startsWith(stdout)).toBe(true)
    expect(stderr).not.toBe('')
    expect(await stored(home)).toEqual([keyword, stdout])
  })

  it('natter reports garbage as such', async () => {
    await using aimock = await startAimock()
    await using home = createHome()
    const variable = `${model.split('/')[0]?.toUpperCase()}_BASE_URL`
    const { code, stderr } = await home.run(['-m', model, 'x'], {
      env: { ...env(aimock), [variable]: aimock.labUrl(format, 'garbage') },
    })
    expect(code).toBe(1)
    expect(stderr).toMatch(/^natter: /)
  })
})

async function stored(home: Home): Promise<readonly string[]> {
  const client = clientOf(home)
  const { conversations } = await client.call('conversations.list', {})
  const [first] = conversations
  if (first === undefined) return []
  const { messages } = await client.call('messages.list', { conversationId: first.conversationId })
  return messages.map((message) => textOf(message.parts))
}

it('natter sends the whole conversation, and marks a reply that was cut off', async () => {
  await using aimock = await startAimock()
  await using home = createHome({
    providers: { mock: { format: 'openai-chat', baseUrl: aimock.baseUrls['openai-chat'], local: true } },
  })
  await home.run(['-m', 'mock/any', 'truncate'])
  await home.run(['-c', '-m', 'mock/any', '-s', 'Be brief.', 'echo'])
  const last = aimock.requests.at(-1) as { messages: { role: string; content: unknown }[] }
  expect(last.messages.map((message) => message.role)).toEqual(['system', 'user', 'assistant', 'user'])
  expect(JSON.stringify(last.messages[2])).toMatch(/word0 .*\[interrupted\]/)
})

it('natter asks a local server where the settings say it is, though it is told not to look for any', async () => {
  await using aimock = await startAimock()
  await using home = createHome({ providers: { lmstudio: { baseUrl: aimock.baseUrls['openai-chat'] } } })
  expect(home.env['NATTER_DISCOVER']).toBe('0')
  expect((await home.run(['models'])).stdout).toMatch(/^\* {2}lmstudio\//m)
  const { stdout, stderr } = await home.run(['hello'])
  expect(stdout).toBe('Hello from aimock, streamed in small pieces.')
  expect(stderr).toContain(`found at ${aimock.baseUrls['openai-chat']}`)
})

it('natter stop reaches the provider: the connection of a cancelled turn closes', async () => {
  await using aimock = await startAimock()
  await using home = createHome({
    providers: { mock: { format: 'openai-chat', baseUrl: aimock.labUrl('openai-chat', 'stalled'), local: true } },
  })
  const child = home.start(['-m', 'mock/any', 'x'])
  child.stdin.end()
  const done = collect(child)
  await once(child.stdout, 'data')
  child.kill('SIGINT')
  expect((await done).code).toBe(130)
  await aimock.lab.calls[0]?.closed
})

it('natter fails within the time of a connection when nobody is there, and history still works', async () => {
  await using home = createHome({
    providers: { gone: { format: 'openai-chat', baseUrl: 'http://127.0.0.1:9/v1', local: true } },
  })
  const { code, stderr } = await home.run(['-m', 'gone/model', 'kept question'])
  expect(code).toBe(1)
  expect(stderr).toContain('127.0.0.1:9')
  const client = clientOf(home)
  const { hits } = await client.call('conversations.search', { query: 'kept' })
  expect(hits).toHaveLength(1)
})

it('natter never writes a key into its log, database, socket answers or errors', async () => {
  await using aimock = await startAimock()
  await using home = createHome()
  const env = { OPENAI_API_KEY: KEY, OPENAI_BASE_URL: aimock.baseUrls['openai-responses'] }
  for (const keyword of ['hello', 'badkey', 'boom']) await home.run(['-m', 'openai/gpt-5.4', keyword], { env })
  await home.run(['keys', 'set', 'openai'], { stdin: `${KEY}\n` })
  const found = filesWith(KEY, home.directory).filter((file) => !file.endsWith('/config/keys.json'))
  expect(found).toEqual([])
})

function filesWith(text: string, directory: string): readonly string[] {
  return readdirSync(directory, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name))
    .filter((file) => readFileSync(file).includes(text))
}
