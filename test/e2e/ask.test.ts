import { once } from 'node:events'
import { writeFileSync } from 'node:fs'
import { expect, it } from 'vitest'
import type { NatterEvent } from '../../src/protocol/schema/events.ts'
import { EMPTY_REPLY, fold, type ReplyState, textOf } from '../../src/protocol/stream.ts'
import { clientOf, collect, createHome, type Home } from '../helpers/home.ts'
import { until } from '../helpers/until.ts'

/** `word0 word1 …`, as the demo answers with `extra.words`. */
async function demoWords(home: Home, count: number): Promise<string> {
  const { stdout } = await home.run(['-q', '-n', 'x', '-o', `words=${count}`, '-o', 'delayMs=0'])
  return stdout
}

async function storedTexts(home: Home): Promise<readonly { role: string; text: string; outcome: string | null }[]> {
  const client = clientOf(home)
  const { conversations } = await client.call('conversations.list', {})
  const [first] = conversations
  if (first === undefined) return []
  const { messages } = await client.call('messages.list', { conversationId: first.conversationId })
  return messages.map((message) => ({
    role: message.role,
    text: textOf(message.parts),
    outcome: message.outcome?.type ?? null,
  }))
}

it('natter "prompt" starts the daemon, prints the exact answer and keeps it', async () => {
  await using home = createHome()
  const { code, stdout, stderr } = await home.run(['What is SSE?'])
  expect(code).toBe(0)
  expect(stdout).toContain('No AI is behind this answer')
  expect(stdout).toContain('What is SSE?')
  expect(stderr).toMatch(/^natter: .*demo/)
  expect(await storedTexts(home)).toEqual([
    { role: 'user', text: 'What is SSE?', outcome: null },
    { role: 'assistant', text: stdout, outcome: 'completed' },
  ])
})

it.each([
  ['piped\n', ['argument'], 'piped\n\nargument'],
  ['piped', ['argument'], 'piped\n\nargument'],
  ['only  piped\r\n\ttabs\n', [], 'only  piped\r\n\ttabs\n'],
  ['dash', ['-'], 'dash'],
  ['piped\n', ['-', 'more words', 'here'], 'piped\n\nmore words here'],
  ['', ['argument', 'of', 'words'], 'argument of words'],
  ['', ['--', 'daemon'], 'daemon'],
  ['', ['-p', 'daemon'], 'daemon'],
  ['\ufeffbom \u{1f600}', [], '\ufeffbom \u{1f600}'],
])('natter sends %j and %j as %j', async (stdin, words, prompt) => {
  await using home = createHome()
  const { code } = await home.run(['-q', '-o', 'words=1', ...words], { stdin })
  expect(code).toBe(0)
  expect((await storedTexts(home))[0]?.text).toBe(prompt)
})

it('natter goes on without a pipe that stays silent for 3 s, and says so', async () => {
  await using home = createHome()
  const child = home.start(['-o', 'words=2', 'prompt'])
  const { code, stdout, stderr } = await collect(child)
  expect(code).toBe(0)
  expect(stdout).not.toBe('')
  expect(stderr).toContain('nothing came on standard input for 3 s')
})

it.each([
  [[], '', 2, 'there is no prompt'],
  [['   '], '', 2, 'there is no prompt'],
  [['--nope'], '', 2, 'unknown option'],
  [['x', '--output-format', 'yaml'], '', 2, 'text, json and stream-json'],
  [['x', '--timeout', 'soon'], '', 2, '30s'],
  [['x', '-o', 'temperature'], '', 2, 'key=value'],
  [['x', '-o', 'temperature=hot'], '', 2, 'parameters.temperature'],
  [['x', '-e'], '', 2, 'not a terminal'],
  [['x', '--detach', '-x'], '', 2, 'clash'],
  [['x', '--json', '--output-format', 'stream-json'], '', 2, '--json and --output-format stream-json clash'],
  [['x', '--json', '--output-format', 'text'], '', 2, '--json and --output-format text clash'],
  [['x', '-x', '--json'], '', 2, '-x prints the code alone'],
  [['x', '-x', '--output-format', 'stream-json'], '', 2, '-x prints the code alone'],
  [['wait', 'x', '-x', '--json'], '', 2, '-x prints the code alone'],
  [['x', '-r', ''], '', 2, 'Cannot find conversation "": the name is empty'],
  [['x', '-m', ' '], '', 2, 'Cannot find model " ": the name is empty'],
  [['config', 'set', '', '1'], '', 2, 'Cannot find setting ""'],
  [['config', 'get', ''], '', 2, 'Cannot find setting ""'],
  [['wait', ''], '', 2, 'Cannot find turn ""'],
  [['history', 'rm', '-y', 'x', ''], '', 2, 'Cannot find conversation ""'],
  [['history', 'show', ''], '', 2, 'Cannot find conversation ""'],
  [['keys', 'rm', ''], '', 2, 'Cannot find provider ""'],
  [['history', 'show'], '', 2, 'See "natter history show --help"'],
  [['x', '-c', '-r', 'y'], '', 2, '-c and -r clash'],
  [['- bullet'], '', 2, 'natter -p "- bullet"'],
  [['x', '--detach', '-n'], '', 2, 'kept nowhere'],
  [['wait'], '', 2, 'natter wait --help'],
  [['x', '-m', 'nosuchmodel'], '', 1, 'natter models'],
  [['x', '-m', 'openai/gpt-x'], '', 3, 'OPENAI_API_KEY'],
  [['x', '-r', 'nothing'], '', 1, 'natter history list'],
  [['x', '-c'], '', 1, 'no conversation yet'],
  [['x', '-t', 'nosuch'], '', 2, 'nosuch.md'],
  [['x', '-x', '-o', 'words=3'], '', 1, 'no code block'],
])('natter %j with stdin %j exits %i and says why', async (args, stdin, code, reason) => {
  await using home = createHome()
  const result = await home.run(args, { stdin })
  expect(result.stderr).toContain(reason)
  expect(result.code).toBe(code)
  expect(result.stdout).toBe('')
  expect(result.stderr).not.toMatch(/\n\s+at /)
})

it('natter refuses piped bytes that are not text', async () => {
  await using home = createHome()
  const { code, stderr } = await home.run(['x'], { stdin: Buffer.from([0xff, 0xfe, 0x00, 0x80]) })
  expect(code).toBe(2)
  expect(stderr).toContain('not UTF-8')
})

it('natter --json prints one object with everything', async () => {
  await using home = createHome()
  const { stdout, code } = await home.run(['-q', '--json', 'x', '-o', 'words=3'])
  expect(code).toBe(0)
  expect(JSON.parse(stdout)).toMatchObject({
    conversationId: expect.stringMatching(/^cnv_/),
    turnId: expect.stringMatching(/^trn_/),
    model: 'demo/natter',
    text: await demoWords(home, 3),
    finish: { reason: 'stop' },
    usage: { outputTokens: expect.any(Number) },
    cost: 0,
    outcome: { type: 'completed' },
  })
})

it('natter takes options that say the same twice', async () => {
  await using home = createHome()
  const { code, stdout } = await home.run(['-q', '--json', '--output-format', 'json', 'x', '-o', 'words=3'])
  expect(code).toBe(0)
  expect(JSON.parse(stdout)).toMatchObject({ text: 'word1 word2 word3' })
})

it('natter --output-format stream-json prints the events, which fold to the answer', async () => {
  await using home = createHome()
  const { stdout } = await home.run(['-q', '--output-format', 'stream-json', 'x', '-o', 'words=50', '-o', 'delayMs=1'])
  const events = stdout
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line) as NatterEvent)
  let reply: ReplyState = EMPTY_REPLY
  for (const event of events) {
    if (event.type === 'snapshot') reply = { ...EMPTY_REPLY, parts: event.turns[0]?.parts ?? [] }
    if (event.type === 'text-delta' || event.type === 'reasoning-delta') reply = fold(reply, event)
  }
  expect(textOf(reply.parts)).toBe(await demoWords(home, 50))
  expect(events.at(-1)?.type).toBe('turn-end')
  expect(events.filter((event) => event.type === 'turn-end')).toHaveLength(1)
})

it('natter -u says tokens, cost and time to first token on stderr', async () => {
  await using home = createHome()
  const { stderr } = await home.run(['-u', '-q', 'x', '-o', 'words=3'])
  expect(stderr).toMatch(/demo\/natter · .* in, .* out · cost .* · first token after/)
})

it('natter -n keeps nothing but the ledger row', async () => {
  await using home = createHome()
  const { code, stdout } = await home.run(['-q', '-n', 'secret', '-o', 'words=3'])
  expect(code).toBe(0)
  expect(stdout).not.toBe('')
  expect(await storedTexts(home)).toEqual([])
})

it('natter -c continues what was last used here, -r what an end of an id or a title names', async () => {
  await using home = createHome()
  await home.run(['-q', 'first question', '-o', 'words=1'])
  await home.run(['-q', 'other topic', '-o', 'words=1'])
  const byTitle = await home.run(['-r', 'first', 'second question', '-o', 'words=1'])
  expect(byTitle.stderr).toContain('continuing "first question"')
  const latest = await home.run(['-c', 'third question', '-o', 'words=1'])
  expect(latest.stderr).toContain('continuing "first question"')
  const texts = (await storedTexts(home)).filter((message) => message.role === 'user').map((message) => message.text)
  expect(texts).toEqual(['first question', 'second question', 'third question'])
})

it('natter stops on Ctrl-C, prints and keeps what came, and exits 130', async () => {
  await using home = createHome()
  const child = home.start(['-q', 'x', '-o', 'words=2000', '-o', 'delayMs=5'])
  child.stdin.end()
  const done = collect(child)
  await once(child.stdout, 'data')
  child.kill('SIGINT')
  const { code, stdout } = await done
  expect(code).toBe(130)
  const [, reply] = await storedTexts(home)
  expect(reply).toEqual({ role: 'assistant', text: stdout, outcome: 'cancelled' })
  expect(stdout).not.toBe('')
})

it('natter --timeout ends the turn, keeps what came, and exits 124', async () => {
  await using home = createHome()
  const { code, stdout, stderr } = await home.run([
    '-q',
    'x',
    '-o',
    'words=2000',
    '-o',
    'delayMs=5',
    '--timeout',
    '300ms',
  ])
  expect(code).toBe(124)
  expect(stderr).toContain('longer than 0.3 s')
  expect((await storedTexts(home))[1]).toEqual({ role: 'assistant', text: stdout, outcome: 'failed' })
})

it('natter --detach prints an id at once and leaves the answer to the daemon', async () => {
  await using home = createHome()
  const { stdout, code } = await home.run(['-q', '--detach', 'x', '-o', 'words=100', '-o', 'delayMs=5'])
  expect(code).toBe(0)
  expect(stdout).toMatch(/^trn_[0-9a-f]{32}\n$/)
  const { turns } = await clientOf(home).call('turns.list', {})
  expect(turns.map((turn) => turn.turnId)).toEqual([stdout.trim()])
})

it('natter -t puts the prompt into a template, and flags win over its head', async () => {
  await using home = createHome()
  await home.run(['-q', 'x', '-o', 'words=1'])
  const folder = `${home.paths.config}/templates`
  const { mkdirSync } = await import('node:fs')
  mkdirSync(folder)
  writeFileSync(`${folder}/review.md`, '---\nsystem: You review code.\n---\nReview this:\n\n{{input}}\n')
  await home.run(['-q', '-t', 'review', 'let x', '-o', 'words=1'])
  expect((await storedTexts(home))[0]?.text).toBe('Review this:\n\nlet x\n')
})

it('natter --dry-run shows tokens and cost, calls nobody and needs no key', async () => {
  await using home = createHome()
  const { code, stdout } = await home.run(['--dry-run', '-m', 'openai/gpt-5.4', 'one two three'])
  expect(code).toBe(0)
  expect(stdout).toMatch(/model +openai\/gpt-5.4\ninput +\d+ tokens/)
  expect(await storedTexts(home)).toEqual([])
})

it.each([
  ['{"model": ', 'not valid JSON'],
  ['{"modell": "x"}', 'there is no setting "modell"'],
  ['{"daemon": {"idleExitMinutes": "soon"}}', 'idleExitMinutes'],
])('natter with settings %j fails with the reason, keeps history readable, and heals', async (settings, reason) => {
  await using home = createHome()
  await home.run(['-q', 'x', '-o', 'words=1'])
  writeFileSync(`${home.paths.config}/config.json`, settings)
  const { code, stderr } = await home.run(['x'])
  expect(code).toBe(1)
  expect(stderr).toContain(reason)
  await home.killDaemon()
  const history = await home.run(['history', 'list'])
  expect([history.code, history.stdout]).toEqual([0, expect.stringContaining('x')])
  writeFileSync(`${home.paths.config}/config.json`, '{}')
  await until(async () => (await home.run(['-q', 'x', '-o', 'words=1'])).code === 0)
})

it('natter -x prints the last code block only', async () => {
  await using home = createHome()
  const { stdout } = await home.run(['-q', '-x', 'x'])
  expect(stdout).toMatch(/^natter keys set openai/)
  expect(stdout).not.toContain('```')
})

it('natter reports a daemon that died and shows the turn as interrupted, with its text once', async () => {
  await using home = createHome()
  const whole = await demoWords(home, 500)
  const child = home.start(['x', '-o', 'words=500', '-o', 'delayMs=10'])
  child.stdin.end()
  const done = collect(child)
  await once(child.stdout, 'data')
  await home.killDaemon()
  const { code, stdout, stderr } = await done
  expect(code).toBe(1)
  expect(stderr).toContain('lost natterd')
  expect(stderr).toContain('natterd is back')
  expect(whole.startsWith(stdout)).toBe(true)
  const [, reply] = await storedTexts(home)
  expect(stdout.startsWith(reply?.text ?? '?')).toBe(true)
  expect(reply?.outcome).toBe('failed')
})

it('natter answers 12 conversations at once, and none holds a word of another', async () => {
  await using home = createHome()
  await home.run(['-q', 'warm', '-o', 'words=1'])
  const results = await Promise.all(
    Array.from({ length: 12 }, (_, index) => home.run(['-q', `marker-${index}-`, '-s', `system-${index}-`])),
  )
  for (const [index, { code, stdout }] of results.entries()) {
    expect(code).toBe(0)
    expect(new Set(stdout.match(/marker-\d+-/g))).toEqual(new Set([`marker-${index}-`]))
    expect(new Set(stdout.match(/system-\d+-/g))).toEqual(new Set([`system-${index}-`]))
  }
})
