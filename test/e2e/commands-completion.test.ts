import { spawnSync } from 'node:child_process'
import { existsSync, mkdirSync, symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { collect, createHome, type Home, NATTER } from '../helpers/home.ts'
import { itWith } from '../helpers/programs.ts'
import { askDemo } from '../src/commands/asked.ts'
import { openTerminal } from '../src/commands/terminal.ts'

/** The values offered for the last of these words. */
async function words(home: Home, ...line: readonly string[]): Promise<readonly string[]> {
  const { code, stdout, stderr } = await home.run(['completion', 'words', '--', ...line])
  expect({ code, stderr }).toEqual({ code: 0, stderr: '' })
  return stdout
    .split('\n')
    .filter(Boolean)
    .map((value) => value.split('\t')[0] ?? '')
}

it('natter completion words offers commands, subcommands, options and values without starting a daemon', async () => {
  await using home = createHome()
  expect(await words(home, 'hi')).toEqual(['history'])
  expect(await words(home, '')).toContain('doctor')
  expect(await words(home, 'history', '')).toEqual([
    'list',
    'show',
    'search',
    'rename',
    'set',
    'rm',
    'export',
    'backup',
    'path',
  ])
  expect(await words(home, 'history', 'set', 'x', '--fallback', 'a')).toEqual(['ask', 'auto'])
  expect(await words(home, 'history', 'export', '--fo')).toEqual(['--format', '--force'])
  expect(await words(home, '--output-f')).toEqual(['--output-format'])
  expect(await words(home, '--output-format', 's')).toEqual(['stream-json'])
  expect(await words(home, '--output-format=s')).toEqual(['--output-format=stream-json'])
  expect(await words(home, 'tail', '--output-format', '')).toEqual(['text', 'stream-json'])
  expect(await words(home, 'completion', '')).toEqual(['bash', 'zsh', 'fish'])
  expect(await words(home, 'keys', 'set', 'open')).toEqual(['openai', 'openrouter'])
  expect(await words(home, '-m', 'x', 'daemon', 'st')).toEqual(['start', 'stop', 'status'])
  expect(await words(home, 'history', 'backup', '')).toEqual([':files'])
  expect(await words(home, 'history', 'export', '-o', '')).toEqual([':files'])
  expect(await words(home, 'wait', '')).toEqual([])
  expect(await words(home, '-m', '')).toEqual([])
  expect(home.daemon()).toBeNull()
})

it.each([
  [[]],
  [['nosuch', 'x', '']],
  [['--nosuch', '--', '-', '']],
  [['history', 'nosuch', '--x=y', '']],
  [['__proto__', 'constructor', '']],
  [['\u001b[31m', '"', "'", '$(x)']],
])('natter completion words is quiet about junk: %j', async (line) => {
  await using home = createHome()
  await words(home, ...line)
})

it('natter completion words offers models, conversations and turns of the daemon that runs', async () => {
  await using home = createHome()
  const { conversationId } = await askDemo(home, 'about bees', { words: 1 })
  const id = conversationId.slice(-8)
  expect(await words(home, '-m', 'demo')).toEqual(['demo/natter'])
  expect(await words(home, '--model=demo')).toEqual(['--model=demo/natter'])
  expect(await words(home, '-r', '')).toEqual([id])
  expect(await words(home, 'history', 'rm', 'zzzz', id.slice(0, 3))).toEqual([id])
  expect(await words(home, 'wait', '')).toEqual([id])
  const { stdout } = await home.run(['completion', 'words', '--', 'history', 'show', ''])
  expect(stdout).toBe(`${id}\tabout bees\n`)
})

it('natter completion words is quick and quiet where natterd is stuck', async () => {
  await using home = createHome()
  await home.run(['daemon', 'start'])
  const running = home.daemon()
  if (running === null) throw new Error('No daemon runs')
  process.kill(running.pid, 'SIGSTOP')
  try {
    expect(await words(home, '-m', '')).toEqual([])
  } finally {
    process.kill(running.pid, 'SIGCONT')
  }
})

for (const shell of ['bash', 'zsh', 'fish']) {
  it(`natter completion ${shell} prints a script that asks natter`, async () => {
    await using home = createHome()
    const { code, stdout, stderr } = await home.run(['completion', shell])
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' })
    expect(stdout).toContain('natter completion words --')
    expect(home.daemon()).toBeNull()
  })

  itWith(shell, `natter completion ${shell} prints a script that the shell can read`, async () => {
    await using home = createHome()
    const { stdout } = await home.run(['completion', shell])
    // From a file: fish does not read a script from the kind of pipe that Node gives.
    const file = join(home.directory, 'completion')
    writeFileSync(file, stdout)
    expect(spawnSync(shell, ['-n', file]).status).toBe(0)
  })
}

it.each([
  [['completion'], 'missing required argument'],
  [['completion', 'tcsh'], 'Allowed choices are bash, zsh, fish'],
])('natter %j exits 2 and says why', async (args, reason) => {
  await using home = createHome()
  const { code, stderr } = await home.run(args)
  expect(code).toBe(2)
  expect(stderr).toContain(reason)
})

/** A bash whose `natter` is the one under test, as a person would have it. */
function openBash(home: Home) {
  const folder = join(home.directory, 'bin')
  mkdirSync(folder)
  symlinkSync(process.execPath, join(folder, 'node'))
  writeFileSync(join(folder, 'natter'), `#!/bin/sh\nexec "${process.execPath}" "${NATTER}" "$@"\n`, { mode: 0o755 })
  const start = join(home.directory, 'bashrc')
  writeFileSync(start, `eval "$(natter completion bash)"\nbind 'set bell-style none'\nPS1='> '\n`)
  const env = { PATH: `${folder}:${process.env['PATH']}`, INPUTRC: '/dev/null', HISTFILE: '/dev/null' }
  return openTerminal(home, ['--noprofile', '--rcfile', start, '-i'], { file: 'bash', env, columns: 200 })
}

itWith('bash', 'natter completion bash completes at the Tab key', async () => {
  await using home = createHome()
  const { conversationId } = await askDemo(home, 'about bees: all', { words: 1 })
  const id = conversationId.slice(-8)
  await using bash = openBash(home)
  await bash.sees('> ')
  const complete = async (typed: string, completed: string) => {
    bash.press(`${typed}\t`)
    await bash.sees(completed)
    bash.press('\u0015')
  }
  await complete('natter hist', 'natter history ')
  await complete('natter history sea', 'natter history search ')
  await complete('natter -m dem', 'natter -m demo/natter ')
  await complete('natter --model=dem', 'natter --model=demo/natter ')
  await complete('natter "a: b" --output-format=str', 'natter "a: b" --output-format=stream-json ')
  await complete(`natter history rm ${id.slice(0, 4)}`, `natter history rm ${id} `)
  await complete('natter history backup bash', 'natter history backup bashrc ')
  const second = await askDemo(home, 'about ants', { words: 1 })
  // The first may add a digit that both ids begin with; two more list them.
  bash.press('natter history show \t\t\t')
  await bash.sees(`${id}  (about bees: all)`)
  await bash.sees(`${second.conversationId.slice(-8)}  (about ants)`)
})

itWith('bash', 'natter completion bash takes names with colons, which bash breaks into words', async () => {
  await using home = createHome()
  await using bash = openBash(home)
  await bash.sees('> ')
  // In place of a daemon with such models: a natter that knows one.
  bash.press(`natter() { :; }; command() { shift; printf 'ollama/llama3:8b-instruct\\tx\\n'; }\r`)
  await bash.sees(/> $/)
  bash.press('natter -m ollama/llama3:8\t')
  await bash.sees('natter -m ollama/llama3:8b-instruct ')
  bash.press('\u0015natter -m olla\t')
  await bash.sees('natter -m ollama/llama3:8b-instruct ')
  expect(bash.output).not.toContain('llama3:ollama')
})

itWith('bash', 'natter completion bash passes what is typed as it is and runs none of it', async () => {
  await using home = createHome()
  const child = home.start(['completion', 'bash'])
  child.stdin.end()
  const { stdout } = await collect(child)
  const line = `natter "$(touch pwned)" '\\' hi`
  const script = `${stdout}
command() { shift; printf '%s|' "$@" >&2; }
COMP_LINE=${JSON.stringify(line).replaceAll('$', '\\$')}; COMP_POINT=\${#COMP_LINE}
COMP_WORDS=(natter '"$(touch pwned)"' "'\\\\'" hi); COMP_CWORD=3
_natter 2>words`
  const { status } = spawnSync('bash', ['--noprofile', '--norc'], { input: script, cwd: home.directory })
  expect(status).toBe(0)
  expect(existsSync(join(home.directory, 'pwned'))).toBe(false)
})
