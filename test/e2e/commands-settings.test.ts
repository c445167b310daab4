import { chmodSync, existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { startAimock } from '../helpers/aimock.ts'
import { createHome, type Home } from '../helpers/home.ts'

const KEY = 'sk-test-0123456789abcdef'

let shared: Home

/** For tests that change nothing. */
beforeAll(() => {
  shared = createHome()
})
afterAll(() => shared[Symbol.asyncDispose]())

it('natter models lists what can be asked, with prices, their date on stderr', async () => {
  const { code, stdout, stderr } = await shared.run(['models'])
  expect(code).toBe(0)
  expect(stdout).toMatch(/MODEL +CONTEXT +IN \$\/M +OUT \$\/M/)
  expect(stdout).toMatch(/^\* +demo\/natter/m)
  expect(stdout).not.toContain('no key')
  expect(stderr).toMatch(/prices of \d{4}-\d\d-\d\d/)
})

it('natter models with words finds those that need a key too, and says so', async () => {
  const { stdout } = await shared.run(['models', 'openai', 'gpt'])
  expect(stdout).toMatch(/^ +openai\/gpt-\S+ +\S+ +[\d.]+ +[\d.]+ +no key: natter keys set openai$/m)
  const { stdout: json } = await shared.run(['models', '--all', '--json'])
  const { models, pricesDate } = JSON.parse(json)
  expect(models.length).toBeGreaterThan(50)
  expect(pricesDate).toMatch(/^\d{4}-/)
  const withKey = await shared.run(['models', '--json'], { env: { OPENAI_API_KEY: KEY } })
  const available = JSON.parse(withKey.stdout).models.map(({ provider }: { provider: string }) => provider)
  expect(available).toContain('openai')
  expect(withKey.stdout).not.toContain(KEY)
  expect(withKey.stderr).not.toContain(KEY)
})

it('natter models without a match prints nothing and says so', async () => {
  const { code, stdout, stderr } = await shared.run(['models', 'nosuchmodel'])
  expect({ code, stdout }).toEqual({ code: 0, stdout: '' })
  expect(stderr).toContain('no model has "nosuchmodel"')
})

it('natter keys set reads standard input, keys list shows where it is, keys rm forgets it', async () => {
  await using home = createHome()
  expect(await home.run(['keys', 'set', 'openai'], { stdin: `  ${KEY}\r\n` })).toMatchObject({ code: 0, stdout: '' })
  const { stdout } = await home.run(['keys', 'list'])
  expect(stdout).toMatch(/^PROVIDER +FROM +KEY\nopenai +file +…cdef\n$/)
  expect(await home.run(['keys'])).toMatchObject({ code: 0, stdout })
  const path = (await home.run(['keys', 'path'])).stdout.trimEnd()
  expect(readFileSync(path, 'utf8')).toContain(`"${KEY}"`)
  const { keys, storage } = JSON.parse((await home.run(['keys', '--json'])).stdout)
  expect(storage).toBe('file')
  expect(keys).toEqual([{ provider: 'openai', source: 'file', detail: '…cdef' }])
  const removed = await home.run(['keys', 'rm', 'openai'], { env: { OPENAI_API_KEY: KEY } })
  expect(removed).toMatchObject({ code: 0, stdout: '' })
  expect(removed.stderr).toContain('OPENAI_API_KEY')
  expect((await home.run(['keys', 'rm', 'openai'])).code).toBe(1)
  expect(JSON.parse((await home.run(['keys', '--json'])).stdout).keys).toEqual([])
})

it.each([
  [['keys', 'set', 'openai', KEY]],
  [['keys', 'set', 'openai', '--key', KEY]],
  [['keys', 'set', 'openai', `--key=${KEY}`]],
  [['keys', 'set', KEY]],
  [['keys', 'set', 'openai', '--', KEY]],
])('natter %j is refused without repeating the key', async (args) => {
  const { code, stdout, stderr } = await shared.run(args, { stdin: KEY })
  expect({ code, stdout }).toEqual({ code: 2, stdout: '' })
  expect(stderr).toContain('history of your shell')
  expect(stderr).not.toContain(KEY)
  expect(JSON.parse((await shared.run(['keys', '--json'])).stdout).keys).toEqual([])
})

it('natter keys shows a variable of this shell by its name', async () => {
  const { stdout, stderr } = await shared.run(['keys', 'list'], { env: { ANTHROPIC_API_KEY: KEY } })
  expect(stdout).toMatch(/anthropic +environment +ANTHROPIC_API_KEY/)
  expect(stdout + stderr).not.toContain(KEY)
})

it('natter config set, get and unset change one setting', async () => {
  await using home = createHome()
  expect(await home.run(['config', 'set', 'model', 'demo/natter'])).toMatchObject({ code: 0, stdout: '' })
  expect(await home.run(['config', 'set', 'daemon.idleExitMinutes', '5'])).toMatchObject({ code: 0 })
  expect(await home.run(['config', 'set', 'aliases', '{"fast": "demo/natter"}'])).toMatchObject({ code: 0 })
  expect((await home.run(['config', 'get', 'model'])).stdout).toBe('demo/natter\n')
  expect((await home.run(['config', 'get', 'model', '--json'])).stdout).toBe('"demo/natter"\n')
  expect((await home.run(['config', 'get', 'daemon.idleExitMinutes'])).stdout).toBe('5\n')
  const all = { model: 'demo/natter', daemon: { idleExitMinutes: 5 }, aliases: { fast: 'demo/natter' } }
  expect(JSON.parse((await home.run(['config'])).stdout)).toEqual(all)
  const path = (await home.run(['config', 'path'])).stdout.trimEnd()
  expect(JSON.parse(readFileSync(path, 'utf8'))).toEqual(all)
  expect(await home.run(['config', 'unset', 'model'])).toMatchObject({ code: 0, stdout: '' })
  expect(await home.run(['config', 'get', 'model'])).toMatchObject({ code: 1, stdout: '' })
})

it('natter config edit checks the file when the editor has closed', async () => {
  await using home = createHome()
  const editor = join(home.directory, 'editor.sh')
  const edit = async (text: string) => {
    writeFileSync(editor, `#!/bin/sh\ncat > "$1" <<'END'\n${text}\nEND\n`)
    chmodSync(editor, 0o700)
    return home.run(['config', 'edit'], { env: { EDITOR: editor } })
  }
  expect(await edit('{"model": "demo/natter"}')).toMatchObject({ code: 0, stdout: '' })
  expect((await home.run(['config', 'get', 'model'])).stdout).toBe('demo/natter\n')
  const broken = await edit('{\n  "model": 1,\n  oops\n}')
  expect(broken.code).toBe(1)
  expect(broken.stderr).toContain('line 3')
  const cut = await edit('{"model": "x"')
  expect(cut.code).toBe(1)
  expect(cut.stderr).toMatch(/line \d+ column \d+/)
  const wrong = await edit('{"modle": "demo/natter"}')
  expect(wrong.code).toBe(1)
  expect(wrong.stderr).toContain('modle')
})

it('natter config edit says what is wrong even where natterd cannot start for it', async () => {
  await using home = createHome({ modle: 1 })
  const { code, stderr } = await home.run(['config', 'edit'], { env: { EDITOR: 'true' } })
  expect(code).toBe(1)
  expect(stderr).toContain('modle')
  expect(stderr).toContain('natter config edit')
})

it('natter config edit reports an editor that fails', async () => {
  const { code, stderr } = await shared.run(['config', 'edit'], { env: { EDITOR: 'nosuch-editor-here' } })
  expect(code).toBe(2)
  expect(stderr).toContain('Set VISUAL or EDITOR')
})

it('natter templates lists the files of the folder', async () => {
  await using home = createHome()
  const empty = await home.run(['templates'])
  expect(empty).toMatchObject({ code: 0, stdout: '' })
  expect(empty.stderr).toContain('templates/NAME.md')
  const folder = (await home.run(['templates', 'path'])).stdout.trimEnd()
  mkdirSync(folder, { recursive: true })
  writeFileSync(join(folder, 'review.md'), 'Review: {{input}}')
  writeFileSync(join(folder, 'brief.md'), 'Briefly.')
  expect((await home.run(['templates'])).stdout).toBe('brief\nreview\n')
  expect(JSON.parse((await home.run(['templates', '--json'])).stdout)).toEqual(['brief', 'review'])
  expect(existsSync(`${home.paths.state}/daemon.json`)).toBe(false)
})

it.each([
  [['models', '--nope'], 2, 'unknown option'],
  [['models', 'x'.repeat(1_001)], 2, 'See "natter models --help"'],
  [['keys', 'nosuch'], 2, 'The commands are: set, list, rm, path'],
  [['keys', 'set'], 2, 'missing required argument'],
  [['keys', 'set', 'openai'], 2, 'there was none to read'],
  [['keys', 'set', 'nosuch'], 2, 'There are: openai, anthropic'],
  [['keys', 'rm', 'nosuch'], 1, 'none is stored'],
  [['config', 'nosuch'], 2, 'The commands are: get, set'],
  [['config', 'set', 'nosuch', '1'], 2, 'nosuch'],
  [['config', 'set', 'model', '5'], 2, 'must be string'],
  [['config', 'set', 'model'], 2, 'missing required argument'],
  [['config', 'get', 'nosuch'], 1, 'is not set'],
  [['templates', 'nosuch'], 2, 'The commands are: list, path'],
])('natter %j exits %i, says why and changes nothing', async (args, exitCode, reason) => {
  const { code, stdout, stderr } = await shared.run(args)
  expect(stderr).toContain(reason)
  expect({ code, stdout }).toEqual({ code: exitCode, stdout: '' })
  expect((await shared.run(['config', 'get'])).stdout).toBe('{}\n')
})

it('natter keys set refuses a flood on standard input', async () => {
  const { code, stderr } = await shared.run(['keys', 'set', 'openai'], { stdin: 'x'.repeat(200_000) })
  expect(code).toBe(1)
  expect(stderr).toContain('10000')
})

it('natterd reads a key from the variable that config.json names, in the shell that starts it', async () => {
  await using aimock = await startAimock()
  const mock = { format: 'openai-chat', baseUrl: aimock.baseUrls['openai-chat'], key: 'env:MY_KEY' }
  await using home = createHome({ model: 'mock/any', providers: { mock } })
  const without = await home.run(['-q', 'hello'])
  expect(without.code).toBe(3)
  expect(without.stderr).toContain('Set it and run "natter daemon restart"')
  const env = { MY_KEY: 'sk-of-this-shell', OTHER_KEY: 'sk-of-nobody' }
  await home.run(['daemon', 'restart'], { env })
  expect(await home.run(['-q', 'hello'])).toMatchObject({
    code: 0,
    stdout: expect.stringContaining('Hello from aimock'),
  })
  const inherited = readFileSync(`/proc/${home.daemon()?.pid}/environ`, 'utf8')
  expect([inherited.includes('MY_KEY=sk-of-this-shell'), inherited.includes('OTHER_KEY')]).toEqual([true, false])
})

it('natterd starts with a broken config.json, and is given no key', async () => {
  await using home = createHome()
  writeFileSync(`${home.paths.config}/config.json`, '{"providers":{"a":{"key":"env:MY_KEY"}}')
  await home.run(['daemon', 'start'], { env: { MY_KEY: 'sk-of-this-shell' } })
  expect(readFileSync(`/proc/${home.daemon()?.pid}/environ`, 'utf8')).not.toContain('MY_KEY')
})

it.each([
  ['---\nmodel fake\n---\n{{input}}', 'line 2 of its head is "model fake"'],
  ['---\nsystem: Be brief.\nmodle: x\n---\n{{input}}', 'line 3 of its head is "modle: x"'],
])('natter -t refuses a template whose head is %j, and asks nobody', async (text, reason) => {
  await using home = createHome()
  writeTemplate(home, text)
  const { code, stdout, stderr } = await home.run(['-t', 'one', 'x'])
  expect([code, stdout]).toEqual([2, ''])
  expect(stderr).toContain(reason)
})

it('natter -t takes a head with remarks and empty lines, as Windows writes it', async () => {
  await using home = createHome()
  writeTemplate(home, '---\r\n# For tests\r\n\r\nmodel: demo/natter\r\n---\r\n{{input}}')
  expect(await home.run(['-q', '-t', 'one', 'x', '-o', 'words=1'])).toMatchObject({ code: 0, stdout: 'word1' })
})

it('natter -t asks nobody where the place for a prompt would stay empty', async () => {
  await using home = createHome()
  writeTemplate(home, 'Translate: {{input}}')
  const { code, stdout, stderr } = await home.run(['-t', 'one'])
  expect([code, stdout]).toEqual([2, ''])
  expect(stderr).toContain('it has a place for a prompt, and there is none')
  expect(home.daemon()).toBeNull()
})

it.each(['../one', '../../config', '/etc/hostname'])('natter -t refuses the path %s', async (name) => {
  const { code, stderr } = await shared.run(['-t', name, 'x'])
  expect(code).toBe(2)
  expect(stderr).toContain(`Cannot use template "${name}": it must be a name, not a path`)
})

function writeTemplate(home: Home, text: string): void {
  const folder = `${home.paths.config}/templates`
  mkdirSync(folder, { recursive: true })
  writeFileSync(join(folder, 'one.md'), text)
}
