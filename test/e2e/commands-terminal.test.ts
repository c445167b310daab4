import { chmodSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { clientOf, createHome, type Home } from '../helpers/home.ts'
import { askDemo } from '../src/commands/asked.ts'
import { openTerminal } from '../src/commands/terminal.ts'

const KEY = 'sk-test-0123456789abcdef'

async function storedKeys(home: Home) {
  return (await clientOf(home).call('keys.list', {})).keys
}

it.each([
  ['typed', `${KEY}\r`],
  ['pasted with its line end', `${KEY}\n`],
  ['pasted between brackets', `\u001b[200~${KEY}\u001b[201~\r`],
  ['pasted with lines after it', `${KEY}\r\nrm -rf\r`],
  ['mended with Backspace', 'sk-test-0123456789abcdeX\u007f\u001b[D\u001bOCf\r'],
  ['begun again with Ctrl-U', `wrong\u0015${KEY}\r`],
])('natter keys set takes a key that is %s and never shows it', async (_name, keys) => {
  await using home = createHome()
  await using terminal = openTerminal(home, ['keys', 'set', 'openai'])
  await terminal.sees('Key of openai')
  for (const key of keys.startsWith('\u001b[200~') ? [keys] : keys) terminal.press(key)
  expect(await terminal.code).toBe(0)
  expect(terminal.output).toContain('is stored')
  for (const piece of [KEY, '0123', 'wrong', 'rm -rf', '*']) expect(terminal.output).not.toContain(piece)
  expect(await storedKeys(home)).toMatchObject([{ provider: 'openai', detail: expect.stringContaining('cdef') }])
  expect(readFileSync(`${home.paths.config}/keys.json`, 'utf8')).toContain(KEY)
})

it.each([
  ['Ctrl-C', '\u0003', 130],
  ['Ctrl-D', '\u0004', 2],
  ['a bare Enter', '\r', 2],
])('natter keys set stores nothing after %s', async (_name, keys, exitCode) => {
  await using home = createHome()
  await using terminal = openTerminal(home, ['keys', 'set', 'openai'])
  await terminal.sees('Key of openai')
  terminal.press(keys)
  expect(await terminal.code).toBe(exitCode)
  expect(await storedKeys(home)).toEqual([])
})

it('natter keys set leaves the terminal as it was', async () => {
  await using home = createHome()
  const script = `before=$(stty -g); "${process.execPath}" "$0" keys set openai; [ "$before" = "$(stty -g)" ] && echo same`
  const { NATTER } = await import('../helpers/home.ts')
  await using terminal = openTerminal(home, ['-c', script, NATTER], { file: '/bin/sh' })
  await terminal.sees('Key of openai')
  terminal.press('\u0003')
  await terminal.sees('same')
})

it.each([
  ['y\r', 0],
  ['YES\r', 0],
  ['n\r', 1],
  ['\r', 1],
  ['yep\r', 1],
  ['\u0004', 1],
])('natter history rm asks on a terminal; %j leaves %i conversations', async (keys, left) => {
  await using home = createHome()
  const { conversationId } = await askDemo(home, 'about bees', { words: 1 })
  await using terminal = openTerminal(home, ['history', 'rm', 'bees'])
  await terminal.sees('[y/N]')
  expect(terminal.output).toContain(conversationId.slice(-8))
  expect(terminal.output).toContain('about bees')
  terminal.press(keys)
  expect(await terminal.code).toBe(0)
  expect((await clientOf(home).call('conversations.list', {})).conversations).toHaveLength(left)
})

it('natter history rm removes nothing at Ctrl-C', async () => {
  await using home = createHome()
  await askDemo(home, 'about bees', { words: 1 })
  await using terminal = openTerminal(home, ['history', 'rm', 'bees'])
  await terminal.sees('[y/N]')
  terminal.press('\u0003')
  expect(await terminal.code).toBe(130)
  expect((await clientOf(home).call('conversations.list', {})).conversations).toHaveLength(1)
})

it('natter commands show hostile text on a terminal without live control sequences', async () => {
  await using home = createHome()
  const hostile = 'bees \u001b]0;owned\u0007 \u009b31m \u202e end'
  const { conversationId, turnId } = await askDemo(home, hostile)
  await clientOf(home).call('conversations.update', { conversationId, title: hostile })
  const commands = [
    ['history'],
    ['history', '--json'],
    ['history', 'show', conversationId],
    ['history', 'show', conversationId, '--raw'],
    ['history', 'show', conversationId, '--json'],
    ['history', 'search', 'bees'],
    ['history', 'search', 'bees', '--json'],
    ['history', 'export', conversationId],
    ['history', 'export', conversationId, '--format', 'json'],
    ['wait', turnId],
    ['tail', turnId],
    ['last'],
    ['history', 'rename', conversationId, 'bees'],
  ]
  for (const args of commands) {
    await using terminal = openTerminal(home, args)
    expect(await terminal.code, args.join(' ')).toBe(0)
    const visible = terminal.output.replace(
      /\u001b\[[0-9;?]*[a-zA-Z]|\u001b\]8;;[^\u001b\u0007]*(?:\u001b\\|\u0007)/g,
      '',
    )
    expect(visible, args.join(' ')).toContain('bees')
    expect(visible, args.join(' ')).not.toMatch(/[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u202e]/)
  }
})

it('natter history search highlights what matched on a terminal, and not with NO_COLOR', async () => {
  await using home = createHome()
  await askDemo(home, 'honey is made by bees', { words: 1 })
  await using terminal = openTerminal(home, ['history', 'search', 'made'])
  expect(await terminal.code).toBe(0)
  expect(terminal.output).toMatch(/\u001b\[[0-9;]+mmade\u001b\[0m/)
  await using plain = openTerminal(home, ['history', 'search', 'made'], { env: { NO_COLOR: '1', TERM: 'dumb' } })
  expect(await plain.code).toBe(0)
  expect(plain.output).not.toContain('\u001b')
})

it('natter history keeps its table within the width of the terminal', async () => {
  await using home = createHome()
  await askDemo(home, 'a title that is far too long for this narrow terminal, by a good deal', { words: 1 })
  await using terminal = openTerminal(home, ['history'], { columns: 50, env: { NO_COLOR: '1', TERM: 'dumb' } })
  expect(await terminal.code).toBe(0)
  expect(Math.max(...terminal.output.split('\r\n').map((line) => line.length))).toBeLessThanOrEqual(50)
  expect(terminal.output).toContain('…')
})

it('natter config edit offers to edit again as long as the file is broken', async () => {
  await using home = createHome()
  const editor = join(home.directory, 'editor.sh')
  // The first visit breaks the file, the second mends its JSON but not its meaning, the third does it right.
  writeFileSync(
    editor,
    `#!/bin/sh
n=$(($(cat "$HOME/visits" 2>/dev/null || echo 0) + 1)); echo $n > "$HOME/visits"
case $n in
  1) printf '{\\n  "model": "demo/natter",,\\n}' > "$1";;
  2) printf '{"modle": "demo/natter"}' > "$1";;
  *) printf '{"model": "demo/natter"}' > "$1";;
esac
`,
  )
  chmodSync(editor, 0o700)
  await using terminal = openTerminal(home, ['config', 'edit'], { env: { EDITOR: editor } })
  await terminal.sees(/line 2[\s\S]*Edit again\? \[Y\/n\]/)
  terminal.press('\r')
  await terminal.sees(/modle[\s\S]*Edit again\? \[Y\/n\]/)
  terminal.press('y\r')
  expect(await terminal.code).toBe(0)
  expect(terminal.output).toContain('is in order')
  expect((await home.run(['config', 'get', 'model'])).stdout).toBe('demo/natter\n')
  expect(statSync(`${home.paths.config}/config.json`).mode & 0o777).toBe(0o600)
})

it('natter daemon logs is readable on a terminal and follows until Ctrl-C', async () => {
  await using home = createHome()
  await home.run(['daemon', 'start'])
  await using terminal = openTerminal(home, ['daemon', 'logs', '-f'])
  await terminal.sees(/\d\d:\d\d:\d\d\.\d{3}.*info.*natterd started.*build=/)
  await askDemo(home, 'about bees', { words: 1 })
  await terminal.sees('turn ended')
  terminal.press('\u0003')
  expect(await terminal.code).toBe(130)
})

it('natter doctor marks its checks on a terminal', async () => {
  await using home = createHome()
  await using terminal = openTerminal(home, ['doctor'], { columns: 200 })
  expect(await terminal.code).toBe(0)
  expect(terminal.output).toMatch(/\u001b\[[0-9;]+mok {2}\u001b\[0m +database +integrity ok/)
})
