import { existsSync, mkdirSync, readdirSync, readFileSync, statSync, symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import Database from 'better-sqlite3'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { clientOf, collect, createHome, type Home } from '../helpers/home.ts'
import { seedStore } from '../helpers/seed.ts'
import { askDemo } from '../src/commands/asked.ts'

let empty: Home

/** Nothing is ever asked in it. */
beforeAll(() => {
  empty = createHome()
})
afterAll(() => empty[Symbol.asyncDispose]())

async function titles(home: Home): Promise<readonly string[]> {
  const { conversations } = await clientOf(home).call('conversations.list', {})
  return conversations.map(({ title }) => title)
}

async function rename(home: Home, conversationId: string, title: string): Promise<void> {
  const { conversation } = await clientOf(home).call('conversations.get', { reference: conversationId })
  await clientOf(home).call('conversations.update', { conversationId: conversation.conversationId, title })
}

async function seed(home: Home, messages: number, turnsPerConversation: number): Promise<void> {
  mkdirSync(home.paths.data, { recursive: true, mode: 0o700 })
  await seedStore({ file: `${home.paths.data}/natter.db`, messages, turnsPerConversation, wordsPerMessage: 20 })
}

it('natter history list prints a table, last used first, and the same as JSON', async () => {
  await using home = createHome()
  const first = await askDemo(home, 'about bees')
  const second = await askDemo(home, 'about ants')
  const { code, stdout, stderr } = await home.run(['history', 'list'])
  expect({ code, stderr }).toEqual({ code: 0, stderr: '' })
  const lines = stdout.trimEnd().split('\n')
  expect(lines[0]).toMatch(/^CHAT +LAST USED +MESSAGES +COST +TITLE$/)
  expect(lines[1]).toMatch(new RegExp(`^${second.conversationId.slice(-8)} +just now +2 +\\$0 +about ants$`))
  expect(lines[2]).toContain(first.conversationId.slice(-8))
  expect(await home.run(['history'])).toMatchObject({ code: 0, stdout })
  const list = JSON.parse((await home.run(['history', 'list', '--json'])).stdout)
  expect(list).toMatchObject([{ title: 'about ants', messageCount: 2 }, { title: 'about bees' }])
  expect(JSON.parse((await home.run(['history', '--json'])).stdout)).toEqual(list)
})

it('natter history list finds parts of titles and says when there are none, or more', async () => {
  await using home = createHome()
  for (const prompt of ['one bee', 'two bees', 'an ant']) await askDemo(home, prompt, { words: 1 })
  const found = JSON.parse((await home.run(['history', 'list', 'BEE', '--json'])).stdout)
  expect(found.map(({ title }: { title: string }) => title)).toEqual(['two bees', 'one bee'])
  const none = await home.run(['history', 'list', 'two', 'ants'])
  expect(none).toMatchObject({ code: 0, stdout: '', stderr: 'natter: no title has "two ants" in it\n' })
  const limited = await home.run(['history', 'list', '--limit', '2'])
  expect(limited.stdout.trimEnd().split('\n')).toHaveLength(3)
  expect(limited.stderr).toContain('--limit')
})

it('natter history help and --help print the same', async () => {
  const { code, stdout } = await empty.run(['history', 'help', 'export'])
  expect(code).toBe(0)
  expect(stdout).toMatch(/^Usage: natter history export/)
  expect((await empty.run(['history', 'export', '--help'])).stdout).toBe(stdout)
  expect((await empty.run(['history', 'help'])).stdout).toBe((await empty.run(['history', '--help'])).stdout)
})

it('natter history list pages through more conversations than one call gives', async () => {
  await using home = createHome()
  await seed(home, 900, 1)
  const { stdout } = await home.run(['history', 'list', '--limit', '430', '--json'])
  const ids = JSON.parse(stdout).map(({ conversationId }: { conversationId: string }) => conversationId)
  expect(new Set(ids).size).toBe(430)
})

it.each([
  ['history', 'there is no conversation yet'],
  ['history list', 'there is no conversation yet'],
  ['history search word', 'nothing found for "word"'],
  ['history export', 'there is no conversation yet'],
])('natter %s of an empty history prints nothing and says so', async (command, reason) => {
  const { code, stdout, stderr } = await empty.run(command.split(' '))
  expect({ code, stdout }).toEqual({ code: 0, stdout: '' })
  expect(stderr).toContain(reason)
})

it('natter history show prints Markdown in a pipe and everything as JSON', async () => {
  await using home = createHome()
  const { conversationId } = await askDemo(home, 'what are bees?')
  await askDemo(home, 'and ants?', { conversationId, words: 3 })
  const { code, stdout, stderr } = await home.run(['history', 'show', 'bees'])
  expect({ code, stderr }).toEqual({ code: 0, stderr: '' })
  expect(stdout).toMatch(/^# what are bees\?\n/)
  expect(stdout).toContain(`\`${conversationId}\``)
  expect(stdout.indexOf('## You\n')).toBeLessThan(stdout.indexOf('## Assistant (demo/natter)\n'))
  expect(stdout).toMatch(/word1 word2 word3\n$/)
  const shown = JSON.parse((await home.run(['history', 'show', conversationId, '--json'])).stdout)
  expect(shown).toMatchObject({ conversationId, messageCount: 4 })
  expect(shown.messages.map(({ role }: { role: string }) => role)).toEqual(['user', 'assistant', 'user', 'assistant'])
})

it('natter history show prints the newest 50 messages, and all with --all', async () => {
  await using home = createHome()
  await seed(home, 260, 130)
  const [title = ''] = await titles(home)
  const newest = await home.run(['history', 'show', title, '--json'])
  expect(JSON.parse(newest.stdout).messages).toHaveLength(50)
  const plain = await home.run(['history', 'show', title])
  expect(plain.stderr).toContain('210 messages more')
  const all = await home.run(['history', 'show', title, '--json', '--all'])
  const messages: { messageId: string; parentId: string | null }[] = JSON.parse(all.stdout).messages
  expect(messages).toHaveLength(260)
  expect(messages.slice(1).every(({ parentId }, index) => parentId === messages[index]?.messageId)).toBe(true)
  expect(messages[0]?.parentId).toBeNull()
  expect(messages.slice(-50)).toEqual(JSON.parse(newest.stdout).messages)
})

it('natter history search groups what it found by conversation, plain in a pipe', async () => {
  await using home = createHome()
  const bees = await askDemo(home, 'honey is made by bees', { words: 1 })
  await askDemo(home, 'more honey', { conversationId: bees.conversationId, words: 1 })
  await askDemo(home, 'ants make no honey', { words: 1 })
  const { code, stdout } = await home.run(['history', 'search', 'honey'])
  expect(code).toBe(0)
  const groups = stdout.trimEnd().split('\n\n')
  expect(groups).toHaveLength(2)
  const group = groups.find((one) => one.includes(bees.conversationId.slice(-8))) ?? ''
  expect(group.split('\n')).toHaveLength(3)
  expect(group).toContain('  you: more honey')
  expect(stdout).not.toMatch(/[\x00-\x09\x0b-\x1f]/)
  const { hits, truncated } = JSON.parse((await home.run(['history', 'search', 'honey', '--json'])).stdout)
  expect(hits).toHaveLength(3)
  expect(hits[0]).toMatchObject({ role: 'user', snippet: expect.stringContaining('honey') })
  expect(truncated).toBe(false)
})

it('natter history search says that there is more than the limit', async () => {
  await using home = createHome()
  const { conversationId } = await askDemo(home, 'honey is made by bees', { words: 1 })
  await askDemo(home, 'more honey', { conversationId, words: 1 })
  const cut = await home.run(['history', 'search', 'honey', '--limit', '1', '--json'])
  expect(JSON.parse(cut.stdout)).toMatchObject({ hits: [{ role: 'user' }], truncated: true })
  const told = await home.run(['history', 'search', 'honey', '--limit', '1'])
  expect(told.stderr).toBe('natter: more messages match; --limit shows more than this one\n')
  const all = await home.run(['history', 'search', 'honey', '--limit', '2'])
  expect([all.stdout.match(/you: /g)?.length, all.stderr]).toEqual([2, ''])
})

it.each([
  [['made', 'honey'], 1],
  [['honey is'], 1],
  [['is honey'], 0],
  [['"honey is"'], 1],
  [['"hon', 'AND', '('], 0],
  [['***'], 0],
])('natter history search %j finds %i messages', async (words, count) => {
  await using home = createHome()
  await askDemo(home, 'honey is made by bees', { words: 1 })
  const { code, stdout } = await home.run(['history', 'search', '--json', ...words])
  expect(code).toBe(0)
  expect(JSON.parse(stdout).hits).toHaveLength(count)
})

it('natter history rename gives a conversation another title', async () => {
  await using home = createHome()
  await askDemo(home, 'about bees', { words: 1 })
  expect(await home.run(['history', 'rename', 'bees', 'all', ' about\nants '])).toMatchObject({ code: 0, stdout: '' })
  expect(await titles(home)).toEqual(['all about ants'])
  expect(await home.run(['history', 'rename', 'ants', ' '])).toMatchObject({ code: 2 })
  expect(await home.run(['history', 'rename', 'ants', 'x'.repeat(501)])).toMatchObject({ code: 2 })
  expect(await titles(home)).toEqual(['all about ants'])
})

it('natter history rm --yes removes what is named, each once', async () => {
  await using home = createHome()
  const bees = await askDemo(home, 'about bees', { words: 1 })
  await askDemo(home, 'about ants', { words: 1 })
  await askDemo(home, 'about wasps', { words: 1 })
  const { code, stdout, stderr } = await home.run(['history', 'rm', '-y', 'bees', bees.conversationId, 'wasps'])
  expect({ code, stdout }).toEqual({ code: 0, stdout: '' })
  expect(stderr.trimEnd().split('\n')).toHaveLength(2)
  expect(await titles(home)).toEqual(['about ants'])
})

it.each([
  [['about'], 2, 'names more than one'],
  [['bees', 'about'], 2, 'names more than one'],
  [['bees', 'nosuch'], 1, 'There is no conversation "nosuch"'],
  [['bees', ''], 2, 'the name is empty'],
])('natter history rm --yes %j removes nothing at all', async (references, exitCode, reason) => {
  await using home = createHome()
  await askDemo(home, 'about bees', { words: 1 })
  await askDemo(home, 'about ants', { words: 1 })
  const { code, stderr } = await home.run(['history', 'rm', '--yes', ...references])
  expect(code).toBe(exitCode)
  expect(stderr).toContain(reason)
  expect(await titles(home)).toHaveLength(2)
})

it('natter history rm stops the answers of a conversation that it removes', async () => {
  await using home = createHome()
  await home.run(['-q', '--detach', '-o', 'words=5000', '-o', 'delayMs=20', 'about bees'])
  expect(await home.run(['history', 'rm', 'bees', '--yes'])).toMatchObject({ code: 0, stdout: '' })
  expect((await clientOf(home).call('turns.list', {})).turns).toEqual([])
  expect(await titles(home)).toEqual([])
})

it('natter history rm without a terminal needs --yes', async () => {
  await using home = createHome()
  await askDemo(home, 'about bees', { words: 1 })
  const { code, stderr } = await home.run(['history', 'rm', 'bees'], { stdin: 'y\n' })
  expect(code).toBe(2)
  expect(stderr).toContain('--yes')
  expect(await titles(home)).toHaveLength(1)
})

it('natter history export writes all conversations, page by page, as JSON that holds every message', async () => {
  await using home = createHome()
  await seed(home, 1_200, 120)
  const { code, stdout, stderr } = await home.run(['history', 'export', '--format', 'json'])
  expect({ code, stderr }).toEqual({ code: 0, stderr: '' })
  const { format, version, exportedAt, conversations } = JSON.parse(stdout)
  expect({ format, version }).toEqual({ format: 'natter', version: 1 })
  expect(exportedAt).toBeGreaterThan(0)
  expect(conversations).toHaveLength(5)
  for (const { messageCount, messages } of conversations) {
    expect(messages).toHaveLength(messageCount)
    expect(new Set(messages.map(({ messageId }: { messageId: string }) => messageId)).size).toBe(messageCount)
  }
  expect((await home.run(['history', 'export', '--all', '--format', 'json'])).code).toBe(0)
})

it('natter history export of nothing is valid JSON too', async () => {
  const { stdout } = await empty.run(['history', 'export', '--format', 'json'])
  expect(JSON.parse(stdout).conversations).toEqual([])
})

it('natter history export stops quietly when its reader has seen enough', async () => {
  await using home = createHome()
  await seed(home, 2_000, 100)
  const child = home.start(['history', 'export', '--format', 'json'])
  child.stdin.end()
  child.stdout.once('data', () => child.stdout.destroy())
  expect(await collect(child)).toMatchObject({ code: 0, stderr: '' })
})

it('natter history export closes a fence that a message left open', async () => {
  await using home = createHome()
  const { conversationId } = await askDemo(home, 'look:\n~~~~js\nlet x', { words: 1 })
  const { stdout } = await home.run(['history', 'export', conversationId])
  expect(stdout).toContain('~~~~js\nlet x\n~~~~\n')
})

it('natter history export -o writes a private file whose name tells the format', async () => {
  await using home = createHome()
  await askDemo(home, 'about bees', { words: 1 })
  const { code, stdout, stderr } = await home.run(['history', 'export', 'bees', '-o', 'bees.json'])
  expect({ code, stdout }).toEqual({ code: 0, stdout: '' })
  expect(stderr).toContain('1 conversation')
  const file = join(home.directory, 'bees.json')
  expect(JSON.parse(readFileSync(file, 'utf8')).conversations).toHaveLength(1)
  expect(statSync(file).mode & 0o777).toBe(0o600)
  expect(await home.run(['history', 'export', 'bees', '-o', 'bees.md'])).toMatchObject({ code: 0 })
  expect(readFileSync(join(home.directory, 'bees.md'), 'utf8')).toMatch(/^# about bees\n/)
  const { stdout: piped } = await home.run(['history', 'export', 'bees', '-o', '-'])
  expect(piped).toBe(readFileSync(join(home.directory, 'bees.md'), 'utf8'))
})

it('natter history export -o never overwrites a file without --force', async () => {
  await using home = createHome()
  await askDemo(home, 'about bees', { words: 1 })
  const file = join(home.directory, 'kept.md')
  writeFileSync(file, 'precious')
  const refused = await home.run(['history', 'export', '-o', 'kept.md'])
  expect(refused.code).toBe(1)
  expect(refused.stderr).toContain('--force')
  expect(readFileSync(file, 'utf8')).toBe('precious')
  symlinkSync(file, join(home.directory, 'link.md'))
  expect((await home.run(['history', 'export', '-o', 'link.md'])).code).toBe(1)
  expect((await home.run(['history', 'export', '-o', 'link.md', '--force'])).code).toBe(0)
  expect(readFileSync(file, 'utf8')).toMatch(/^# about bees/)
  expect(readdirSync(home.directory).filter((name) => name.endsWith('.part'))).toEqual([])
})

it('natter history export -o writes to a device without replacing it', async () => {
  await using home = createHome()
  await askDemo(home, 'about bees', { words: 1 })
  expect((await home.run(['history', 'export', '-o', '/dev/null', '--force'])).code).toBe(0)
  expect(statSync('/dev/null').isCharacterDevice()).toBe(true)
})

it.each([
  [['--format', 'xml'], 2, 'markdown and json'],
  [['nosuch'], 1, 'There is no conversation "nosuch"'],
  [['nosuch', '-o', 'file.md'], 1, 'There is no conversation "nosuch"'],
  [['bees', '--all'], 2, 'name one or use --all'],
  [['bees', '-o', 'no/such/file.md'], 1, 'the directory does not exist'],
  [['bees', '-o', '.'], 1, 'it is a directory'],
])('natter history export %j exits %i, says why and leaves no file', async (args, exitCode, reason) => {
  await using home = createHome()
  await askDemo(home, 'about bees', { words: 1 })
  const before = readdirSync(home.directory)
  const { code, stdout, stderr } = await home.run(['history', 'export', ...args])
  expect({ code, stdout }).toEqual({ code: exitCode, stdout: '' })
  expect(stderr).toContain(reason)
  expect(readdirSync(home.directory)).toEqual(before)
})

it('natter history backup copies the database; path says where it is', async () => {
  await using home = createHome()
  await askDemo(home, 'about bees', { words: 1 })
  const { code, stdout } = await home.run(['history', 'backup', 'copy.db'])
  expect({ code, stdout }).toEqual({ code: 0, stdout: '' })
  const copy = new Database(join(home.directory, 'copy.db'), { readonly: true })
  expect(copy.prepare('SELECT count(*) FROM messages').pluck().get()).toBe(2)
  copy.close()
  expect((await home.run(['history', 'backup', 'copy.db'])).code).toBe(1)
  const path = (await home.run(['history', 'path'])).stdout
  expect(path).toMatch(/^\/.*\/natter\.db\n$/)
  expect(existsSync(path.trimEnd())).toBe(true)
})

it('natter history shows hostile titles harmlessly in tables, and keeps them in JSON', async () => {
  await using home = createHome()
  const hostile = 'a\u001b]0;owned\u0007b\u009b31m\ttab\u202e\nline'
  const { conversationId } = await askDemo(home, 'about bees', { words: 1 })
  await rename(home, conversationId, hostile)
  const { stdout } = await home.run(['history', 'list'])
  expect(stdout).toContain('a]0;ownedb31m tab line\n')
  expect(JSON.parse((await home.run(['history', 'list', '--json'])).stdout)[0].title).toBe(hostile)
  expect((await home.run(['history', 'rename', conversationId, 'calm'])).stderr).not.toContain('\u001b')
})

it.each([
  [['history', 'nosuch'], 2, 'The commands are: list'],
  [['history', 'list', '--nope'], 2, 'unknown option'],
  [['history', 'list', '--limit', '0'], 2, 'whole number'],
  [['history', 'list', '--limit', '-5'], 2, '-5'],
  [['history', 'show'], 2, 'missing required argument'],
  [['history', 'show', 'nosuch'], 1, 'There is no conversation'],
  [['history', 'search'], 2, 'missing required argument'],
  [['history', 'search', ' '], 2, 'no word'],
  [['history', 'search', 'x'.repeat(2_000)], 2, 'See "natter history search --help"'],
  [['history', 'rm'], 2, 'missing required argument'],
  [['history', 'backup', 'no/such/dir/x'], 1, 'directory does not exist'],
])('natter %j exits %i and says why', async (args, exitCode, reason) => {
  const { code, stdout, stderr } = await empty.run(args)
  expect(stderr).toContain(reason)
  expect({ code, stdout }).toEqual({ code: exitCode, stdout: '' })
})
