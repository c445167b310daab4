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

it('natter on a terminal refuses a command behind its options', async () => {
  await using home = createHome()
  await using terminal = openTerminal(home, ['-q', 'ps'])
  expect(await terminal.code).toBe(2)
  expect(terminal.output).toContain('Did you mean "natter ps"?')
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
