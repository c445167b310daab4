import { once } from 'node:events'
import { afterAll, beforeAll, expect, it } from 'vitest'
import type { NatterEvent } from '../../src/protocol/schema/events.ts'
import { clientOf, collect, createHome, type Home } from '../helpers/home.ts'
import { until } from '../helpers/until.ts'

let empty: Home

/** Nothing is ever asked in it. */
beforeAll(() => {
  empty = createHome()
})
afterAll(() => empty[Symbol.asyncDispose]())

/** An answer of so many words, begun and left. */
async function detach(home: Home, words: number, delayMs: number, prompt = 'count'): Promise<string> {
  const args = ['-q', '--detach', '-o', `words=${words}`, '-o', `delayMs=${delayMs}`, prompt]
  const { code, stdout, stderr } = await home.run(args)
  expect(stderr).toBe('')
  expect(code).toBe(0)
  return stdout.trim()
}

function wordsUpTo(count: number): string {
  return Array.from({ length: count }, (_, index) => `word${index + 1}`).join(' ')
}

async function outcomeOf(home: Home, turnId: string): Promise<string | undefined> {
  const { turn } = await clientOf(home).call('turns.get', { reference: turnId })
  return turn.outcome?.type
}

it('natter wait prints the exact bytes of an answer once it has ended', async () => {
  await using home = createHome()
  const id = await detach(home, 40, 20)
  const running = await home.run(['wait', id])
  expect(running).toMatchObject({ code: 0, stdout: wordsUpTo(40), stderr: '' })
  expect(await home.run(['wait', id])).toMatchObject({ code: 0, stdout: wordsUpTo(40), stderr: '' })
})

it.each([
  ['the end of the id', (id: string) => id.slice(-8)],
  ['the title of its conversation', () => 'cou'],
])('natter wait takes %s', async (_name, toReference) => {
  await using home = createHome()
  const id = await detach(home, 3, 0)
  expect(await home.run(['wait', toReference(id)])).toMatchObject({ code: 0, stdout: wordsUpTo(3) })
})

it('natter wait --json prints the object of a prompt, -x the code, -u what it took', async () => {
  await using home = createHome()
  const { stdout: direct } = await home.run(['-q', '--json', 'hello'])
  const { turnId, text } = JSON.parse(direct)
  expect(JSON.parse((await home.run(['wait', turnId, '--json'])).stdout)).toEqual(JSON.parse(direct))
  const extracted = await home.run(['wait', turnId, '-x'])
  expect(text).toContain(extracted.stdout)
  expect(extracted.stdout).toMatch(/^natter keys set/)
  expect((await home.run(['wait', turnId, '-u'])).stderr).toMatch(/demo\/natter · .* in, .* out/)
})

it('natter wait --timeout gives up with 124 and the turn goes on', async () => {
  await using home = createHome()
  const id = await detach(home, 1_000, 50)
  const { code, stdout, stderr } = await home.run(['wait', id, '--timeout', '200ms'])
  expect({ code, stdout }).toEqual({ code: 124, stdout: '' })
  expect(stderr).toContain(`natter tail ${id.slice(-8)}`)
  expect(await outcomeOf(home, id)).toBeUndefined()
})

it.each(['wait', 'tail'])('natter %s leaves at Ctrl-C with 130 and the turn goes on', async (command) => {
  await using home = createHome()
  const id = await detach(home, 200, 20)
  const child = home.start([command, id])
  await until(async () => (await clientOf(home).call('status', {})).subscribers > 0)
  child.kill('SIGINT')
  const { code, stderr } = await collect(child)
  expect(code).toBe(130)
  expect(stderr).toContain(`natter ${command} ${id.slice(-8)}`)
  expect(await home.run(['wait', id])).toMatchObject({ code: 0, stdout: wordsUpTo(200) })
})

it('natter tail prints what came so far and then what comes', async () => {
  await using home = createHome()
  const id = await detach(home, 60, 20)
  await until(async () => (await clientOf(home).call('turns.get', { reference: id })).turn.outputTokens > 10)
  expect(await home.run(['tail', id])).toMatchObject({ code: 0, stdout: wordsUpTo(60), stderr: '' })
  expect(await home.run(['tail', id])).toMatchObject({ code: 0, stdout: wordsUpTo(60), stderr: '' })
})

it.each([true, false])(
  'natter tail --output-format stream-json prints events that hold the answer (ended: %s)',
  async (ended) => {
    await using home = createHome()
    const id = await detach(home, 30, ended ? 0 : 20)
    if (ended) await home.run(['wait', id])
    const { code, stdout } = await home.run(['tail', id, '--output-format', 'stream-json'])
    expect(code).toBe(0)
    const events = stdout
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line) as NatterEvent)
    expect(textIn(events, id)).toBe(wordsUpTo(30))
    const ends = events.filter((event) => event.type === 'turn-end')
    expect(ends).toEqual([events.at(-1)])
    expect(ends).toMatchObject([
      { turnId: id, outcome: { type: 'completed' }, model: 'demo/natter', usage: { outputTokens: expect.any(Number) } },
    ])
  },
)

function textIn(events: readonly NatterEvent[], turnId: string): string {
  let text = ''
  for (const event of events) {
    if (event.type === 'snapshot') {
      text =
        event.turns
          .find((turn) => turn.turnId === turnId)
          ?.parts.map((part) => part.text)
          .join('') ?? ''
    }
    if (event.type === 'text-delta') text += event.text
  }
  return text
}

it('natter tail ends quietly when its reader has seen enough', async () => {
  await using home = createHome()
  const id = await detach(home, 200, 10)
  const child = home.start(['tail', id])
  child.stdout.once('data', () => child.stdout.destroy())
  const [code] = await once(child, 'close')
  expect(code).toBe(0)
  expect(await home.run(['wait', id])).toMatchObject({ code: 0, stdout: wordsUpTo(200) })
})

it('natter stop ends a turn and says what was kept; wait and tail then exit 130 with it', async () => {
  await using home = createHome()
  const id = await detach(home, 1_000, 20)
  await until(async () => (await clientOf(home).call('turns.get', { reference: id })).turn.outputTokens > 5)
  const stopped = await home.run(['stop', id])
  expect(stopped).toMatchObject({ code: 0, stdout: '' })
  expect(stopped.stderr).toMatch(/stopped "count" \([0-9a-f]{8}\); \d+ characters kept/)
  const waited = await home.run(['wait', id])
  expect(waited.code).toBe(130)
  expect(waited.stderr).toContain('was stopped')
  expect(wordsUpTo(1_000).startsWith(waited.stdout)).toBe(true)
  expect(waited.stdout).not.toBe('')
  expect(await home.run(['tail', id])).toMatchObject({ code: 130, stdout: waited.stdout })
  const again = await home.run(['stop', id])
  expect(again.code).toBe(0)
  expect(again.stderr).toContain('had ended already')
})

it('natter stop --json tells facts', async () => {
  await using home = createHome()
  const id = await detach(home, 1_000, 20)
  const { stdout } = await home.run(['stop', id, '--json'])
  expect(JSON.parse(stdout)).toMatchObject({ turnId: id, cancelled: true, keptCharacters: expect.any(Number) })
})

it('natter stop ends an answer that is not kept', async () => {
  await using home = createHome()
  const child = home.start(['-q', '-n', '-o', 'words=1000', '-o', 'delayMs=20', 'secret'])
  child.stdin.end()
  const ended = collect(child)
  const client = clientOf(home)
  await until(async () => home.daemon() !== null && (await client.call('turns.list', {})).turns.length === 1)
  const { turns } = await client.call('turns.list', {})
  const { code } = await home.run(['stop', turns[0]?.turnId ?? ''])
  expect(code).toBe(0)
  expect((await ended).code).toBe(130)
})

it('natter ps shows what runs, for how long and how far', async () => {
  await using home = createHome()
  const id = await detach(home, 1_000, 20, 'a running answer')
  const { code, stdout } = await home.run(['ps'])
  expect(code).toBe(0)
  const [head, line, ...more] = stdout.trimEnd().split('\n')
  expect(head).toMatch(/TURN.*STATUS.*TOKENS.*MODEL.*TITLE/)
  expect(line).toContain(id.slice(-8))
  expect(line).toMatch(/running +\d+(\.\d)? m?s +\d+ +demo\/natter.*a running answer/)
  expect(more).toEqual([])
  const turns = JSON.parse((await home.run(['ps', '--json'])).stdout)
  expect(turns).toMatchObject([{ turnId: id, status: 'running', title: 'a running answer' }])
})

it('natter ps starts no daemon: without one nothing runs', async () => {
  await using home = createHome()
  expect(await home.run(['ps'])).toMatchObject({ code: 0, stdout: '', stderr: 'natter: nothing is running\n' })
  expect(await home.run(['ps', '-q'])).toMatchObject({ code: 0, stdout: '', stderr: '' })
  expect(JSON.parse((await home.run(['ps', '--json'])).stdout)).toEqual([])
  expect(home.daemon()).toBeNull()
})

it('natter ps exits 7 where natterd is there but says nothing', async () => {
  await using home = createHome()
  await home.run(['daemon', 'start'])
  const pid = home.daemon()?.pid ?? Number.NaN
  process.kill(pid, 'SIGSTOP')
  try {
    const { code, stdout, stderr } = await home.run(['ps', '--json'])
    expect({ code, stdout }).toEqual({ code: 7, stdout: '' })
    expect(stderr).toContain(`natterd (pid ${pid}) does not answer`)
  } finally {
    process.kill(pid, 'SIGCONT')
  }
})

it('natter last prints the exact answer of the conversation last used here', async () => {
  await using home = createHome()
  await home.run(['-q', '-o', 'words=2', 'first'])
  const { stdout } = await home.run(['-q', 'second'])
  expect(await home.run(['last'])).toMatchObject({ code: 0, stdout, stderr: '' })
  const { stdout: json } = await home.run(['last', '--json'])
  expect(JSON.parse(json)).toMatchObject({ text: stdout, model: 'demo/natter', outcome: { type: 'completed' } })
})

it('natter last waits for an answer that is still being written', async () => {
  await using home = createHome()
  await detach(home, 60, 20)
  const { code, stdout, stderr } = await home.run(['last'])
  expect({ code, stdout }).toEqual({ code: 0, stdout: wordsUpTo(60) })
  expect(stderr).toContain('waiting for the answer')
})

it('natter last --code prints a code block byte for byte', async () => {
  await using home = createHome()
  const { stdout } = await home.run(['-q', 'anything'])
  const block = /```sh\n([\s\S]*?)```/.exec(stdout)?.[1]
  expect(await home.run(['last', '--code'])).toMatchObject({ code: 0, stdout: block, stderr: '' })
  expect(await home.run(['last', '--code', '1'])).toMatchObject({ code: 0, stdout: block })
  expect(JSON.parse((await home.run(['last', '--code', '--json'])).stdout)).toMatchObject({ index: 1, language: 'sh' })
  const missing = await home.run(['last', '--code', '2'])
  expect({ code: missing.code, stdout: missing.stdout }).toEqual({ code: 1, stdout: '' })
  expect(missing.stderr).toContain('it has 1')
})

it.each([
  [['wait'], 2, 'missing required argument'],
  [['wait', 'nosuch'], 1, 'There is no turn or conversation "nosuch"'],
  [['wait', 'a', 'b'], 2, 'too many arguments'],
  [['wait', 'x', '--timeout', 'soon'], 2, '30s'],
  [['tail', 'nosuch'], 1, 'natter ps'],
  [['tail', 'x', '--output-format', 'yaml'], 2, 'stream-json'],
  [['stop', 'trn_zzzz'], 1, 'There is no turn'],
  [['stop', '\u001b[31mred'], 1, 'There is no turn or conversation "[31mred"'],
  [['ps', 'x'], 2, 'too many arguments'],
  [['last'], 1, 'there is no conversation yet'],
  [['last', '--code', '0'], 2, 'counted from 1'],
  [['last', '--code', 'x'], 2, 'counted from 1'],
])('natter %j in an empty home exits %i and says why', async (args, exitCode, reason) => {
  const { code, stdout, stderr } = await empty.run(args)
  expect(stderr).toContain(reason)
  expect({ code, stdout }).toEqual({ code: exitCode, stdout: '' })
})

it('natter wait names the candidates of an ambiguous reference and exits 2', async () => {
  await using home = createHome()
  await home.run(['-q', '-o', 'words=1', 'same thing one'])
  await home.run(['-q', '-o', 'words=1', 'same thing two'])
  const { code, stdout, stderr } = await home.run(['wait', 'same thing'])
  expect({ code, stdout }).toEqual({ code: 2, stdout: '' })
  expect(stderr).toContain('same thing one')
  expect(stderr).toContain('same thing two')
})

it('natter retry and continue say which conversation they take up, as -c does', async () => {
  await using home = createHome()
  await home.run(['-q', '-o', 'words=1', 'honey'])
  const { conversation } = await clientOf(home).call('conversations.latest', { place: { tty: null, directory: null } })
  const id = conversation?.conversationId.slice(-8)
  const here = await home.run(['retry', '--detach'])
  expect(here.stderr).toContain(`natter: asking again in "honey" (${id}), last used in this directory\n`)
  await home.run(['wait', here.stdout.trim()])
  expect((await home.run(['retry', 'honey', '--detach'])).stderr).toContain(`natter: asking again in "honey" (${id})\n`)
  const stopped = await home.run(['-q', '-c', '--detach', '-o', 'words=500', '-o', 'delayMs=20', 'more'])
  await home.run(['stop', stopped.stdout.trim()])
  const { stderr } = await home.run(['continue', '--detach'])
  expect(stderr).toContain(`natter: continuing "honey" (${id}), last used in this directory\n`)
})
