import { expect, it } from 'vitest'
import { startAimock } from '../helpers/aimock.ts'
import { clientOf, createHome } from '../helpers/home.ts'
import { screenOf } from '../helpers/screen.ts'
import { openTerminal } from '../src/commands/terminal.ts'

it('natter in a terminal renders Markdown as it comes', async () => {
  await using home = createHome()
  await using terminal = openTerminal(home, ['What is SSE?'])
  expect(await terminal.code).toBe(0)
  const lines = await screenOf(terminal.output)
  expect(lines.join('\n')).toContain('This is the natter demo')
  expect(lines.join('\n')).not.toMatch(/\*\*|```|^#/m)
  expect(lines).toContain('• model: natter')
  expect(terminal.output).toContain('\u001b[')
})

it('natter in a terminal obeys NO_COLOR and prints plainly on a dumb one', async () => {
  await using home = createHome()
  await using colourless = openTerminal(home, ['-q', 'x'], { env: { NO_COLOR: '1' } })
  await colourless.code
  expect(colourless.output).not.toMatch(/\u001b\[(3|4|9|10)[0-9;]*m/)
  await using dumb = openTerminal(home, ['-q', 'x'], { env: { TERM: 'dumb' } })
  await dumb.code
  expect(dumb.output).not.toContain('\u001b')
  expect(dumb.output).toContain('**No AI is behind this answer.**')
})

it('natter in a terminal stops on Ctrl-C with the partial answer on screen', async () => {
  await using home = createHome()
  await using terminal = openTerminal(home, ['-q', 'x', '-o', 'words=3000', '-o', 'delayMs=5'])
  await terminal.sees('word20')
  terminal.press('\u0003')
  expect(await terminal.code).toBe(130)
  expect((await screenOf(terminal.output)).join('\n')).toContain('word20')
  const { turn } = await clientOf(home).call('turns.get', { reference: 'x' })
  expect(turn.outcome).toEqual({ type: 'cancelled' })
})

it('natter shows that it waits, says that a model thinks, and clears both before the answer', async () => {
  await using aimock = await startAimock()
  await using home = createHome({
    providers: { mock: { format: 'openai-chat', baseUrl: aimock.baseUrls['openai-chat'], local: true } },
  })
  await using terminal = openTerminal(home, ['-m', 'mock/any', 'slow'])
  await terminal.sees(/[⠋⠙⠹⠸⠼⠴⠦⠧⠇⠏] 1 s/)
  expect(await terminal.code).toBe(0)
  expect(await screenOf(terminal.output)).toEqual(['late but fine'])
})

it('natter lets nothing that a model says command the terminal', async () => {
  await using aimock = await startAimock()
  const evil = 'a\u001b]0;owned\u0007b\u001b[2Jc\u001b]52;c;b3duZWQ=\u0007d\u001b[8mhidden\u009b31me\r\rf\u202eg'
  aimock.mock.prependFixture({ match: { userMessage: 'evil' }, response: { content: evil } })
  await using home = createHome({
    providers: { mock: { format: 'openai-chat', baseUrl: aimock.baseUrls['openai-chat'], local: true } },
  })
  for (const flags of [[], ['--raw']]) {
    await using terminal = openTerminal(home, ['-m', 'mock/any', 'evil', ...flags])
    expect(await terminal.code).toBe(0)
    expect(terminal.output).not.toMatch(/\u001b\]|\u001b\[8m|\u001b\[2J|\u0007|\u009b|\u202e/)
    expect((await screenOf(terminal.output)).join('')).toContain('hidden')
  }
  const piped = await home.run(['-q', '-m', 'mock/any', 'evil'])
  expect(piped.stdout).toBe(evil)
})

it('natter without a prompt in a terminal says how to ask', async () => {
  await using home = createHome()
  await using terminal = openTerminal(home, [])
  expect(await terminal.code).toBe(2)
  expect(terminal.output).toContain('natter --help')
})

it('natter -e opens the editor on the prompt and asks what it left', async () => {
  await using home = createHome()
  await using terminal = openTerminal(home, ['-q', '-e', 'draft', '-o', 'words=1'], {
    env: { EDITOR: 'sh -c \'printf " edited" >> "$1"\' --' },
  })
  expect(await terminal.code).toBe(0)
  const { turn } = await clientOf(home).call('turns.get', { reference: 'draft edited' })
  expect(turn.title).toBe('draft edited')
})
