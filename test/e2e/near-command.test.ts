import { expect, it } from 'vitest'
import { createHome } from '../helpers/home.ts'
import { openTerminal } from '../src/commands/terminal.ts'

it('natter on a terminal refuses a word that is nearly a command, and starts nothing', async () => {
  await using home = createHome()
  await using terminal = openTerminal(home, ['histroy'])
  expect(await terminal.code).toBe(2)
  expect(terminal.output).toContain('Did you mean "natter history"? To ask the model, use natter -p "histroy"')
  expect(home.daemon()).toBeNull()
})

it.each([
  [['-q', 'ps'], 'natter ps -q'],
  [['--json', 'ps'], 'natter ps --json'],
  [['-q', 'history', 'search', 'bees'], 'natter history search bees'],
  [['-q', 'config', 'set', 'model', 'x'], 'natter config set model x'],
  [['--json', '-q', 'history', 'list'], 'natter history list --json'],
  [['-m', 'last', 'last', 'words'], 'natter last words'],
  [['-m', 'last', 'retry'], 'natter retry -m last'],
  [['-q', '--model=last', 'retry'], 'natter retry -q --model=last'],
  [['-q', 'history', 'search', '--json', 'history'], 'natter history search --json history'],
  [['-q', 'help'], 'natter help'],
])('natter %j in a script is refused, with the order to type, and starts nothing', async (args, right) => {
  await using home = createHome()
  const { code, stdout, stderr } = await home.run(args, { stdin: 'piped' })
  expect([code, stdout]).toEqual([2, ''])
  expect(stderr).toContain(`Run "${right}"; to ask the model, use -p "`)
  expect(home.daemon()).toBeNull()
})

it('natter on a terminal refuses a command behind its options', async () => {
  await using home = createHome()
  await using terminal = openTerminal(home, ['-q', 'ps'])
  expect(await terminal.code).toBe(2)
  expect(terminal.output).toContain('Run "natter ps -q"')
})

it.each([
  [['-q', '-o', 'words=1', 'ps aux explained']],
  [['-q', '-o', 'words=1', '-p', 'ps']],
  [['-q', '-o', 'words=1', '--', 'ps']],
])('natter %j in a script is a prompt', async (args) => {
  await using home = createHome()
  expect(await home.run(args)).toMatchObject({ code: 0, stdout: 'word1' })
})

it.each([[['-p', 'histroy']], [['--', 'histroy']]])('natter %j asks the model', async (args) => {
  await using home = createHome()
  await using terminal = openTerminal(home, args)
  expect(await terminal.code).toBe(0)
  expect(terminal.output).toContain('This is the natter demo')
})

it('natter in a script asks whatever it is given', async () => {
  await using home = createHome()
  expect(await home.run(['-q', 'histroy', '-o', 'words=1'])).toMatchObject({ code: 0, stdout: 'word1' })
})

it.each([['nope'], ['history', 'nope']])(
  'natter help %s %s is refused where there is no such command',
  async (...words) => {
    await using home = createHome()
    const { code, stdout, stderr } = await home.run(['help', ...words.filter(Boolean)])
    expect([code, stdout]).toEqual([2, ''])
    expect(stderr).toBe(`natter: There is no command "natter ${words.join(' ')}"\n  Run "natter help" to see all\n`)
  },
)

it.each([[[]], [['help']], [['history', 'search']]])('natter help %j prints help', async (words) => {
  await using home = createHome()
  expect(await home.run(['help', ...words])).toMatchObject({
    code: 0,
    stdout: expect.stringContaining('Usage: natter'),
  })
})
