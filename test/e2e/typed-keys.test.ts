import { expect, it } from 'vitest'
import { createHome, type Home, kill, NATTER } from '../helpers/home.ts'
import { screenOf } from '../helpers/screen.ts'
import { openTerminal } from '../src/commands/terminal.ts'

const ASK = `"${process.execPath}" "${NATTER}" -q x -o delayMs=10`

/** Its daemon does not wait for what still runs when a test ends. */
const IMPATIENT = { daemon: { drainSeconds: 0 } }

function openScript(home: Home, script: string) {
  return openTerminal(home, ['-c', script], { file: '/bin/sh' })
}

it('natter in a terminal shows no key that is pressed while it answers, and leaves them to the next program', async () => {
  await using home = createHome(IMPATIENT)
  await using terminal = openScript(home, `${ASK} -o words=100; echo; read -r line; echo "[$line]"`)
  await terminal.sees('word10')
  terminal.press('echo typed\r')
  await terminal.sees('word100')
  expect(terminal.output).not.toContain('typed')
  await terminal.sees('[echo typed]')
  expect(await terminal.code).toBe(0)
})

it('natter in a terminal shows no key either when its standard input is something else', async () => {
  await using home = createHome(IMPATIENT)
  await using terminal = openScript(home, `echo piped | ${ASK} -o words=100`)
  await terminal.sees('word10')
  terminal.press('typed')
  await terminal.sees('word100')
  expect(await terminal.code).toBe(0)
  expect(terminal.output).not.toContain('typed')
})

const STATES = `before=$(stty -g); sh -c 'echo "pid=$$ "; exec ${ASK} -o words=3000'; echo "left=$?"; [ "$before" = "$(stty -g)" ] && echo same`

it.each(['SIGTERM', 'SIGHUP', 'SIGQUIT'] as const)('natter leaves the terminal as it was at %s', async (signal) => {
  await using home = createHome(IMPATIENT)
  await using terminal = openScript(home, STATES)
  await terminal.sees('word20')
  kill(Number(/pid=(\d+)/.exec(terminal.output)?.[1]), signal)
  await terminal.sees('same')
})

it.each([
  ['Ctrl-C', '\u0003', 'left=130'],
  ['Ctrl-\\', '\u001c', 'left=131'],
])('natter leaves the terminal as it was at %s', async (_name, key, left) => {
  await using home = createHome(IMPATIENT)
  await using terminal = openScript(home, `trap '' QUIT; trap : INT; ${STATES}`)
  await terminal.sees('word20')
  terminal.press(key)
  await terminal.sees('same')
  expect(terminal.output).toContain(left)
})

it('natter leaves the echo off where it was off', async () => {
  await using home = createHome(IMPATIENT)
  await using terminal = openScript(home, `stty -echo; ${ASK} -o words=5; stty -a`)
  expect(await terminal.code).toBe(0)
  expect(terminal.output).toMatch(/ -echo /)
})

it('natter leaves the echo on when several of them answer in one terminal', async () => {
  await using home = createHome(IMPATIENT)
  // The second one starts while the first keeps the terminal silent, and ends after it.
  const script = `${ASK} -o words=150 & read -r go; ${ASK} -o words=300 & wait; stty -a`
  await using terminal = openScript(home, script)
  await terminal.sees('word10')
  terminal.press('\r')
  expect(await terminal.code).toBe(0)
  expect(terminal.output).toMatch(/ echo /)
})

it('natter gives the terminal back while it is suspended, and goes on below when it is called back', async () => {
  await using home = createHome(IMPATIENT)
  // This shell leaves the terminal as a job leaves it.
  await using terminal = openTerminal(home, ['-i'], { file: '/bin/sh', env: { PS1: '$ ' } })
  await terminal.sees('$ ')
  terminal.press(`${ASK} -o words=400\r`)
  await terminal.sees('word20')
  terminal.press('\u001a')
  await terminal.sees('Stopped')
  terminal.press('stty -a\r')
  await terminal.sees(/ echo /)
  terminal.press('fg; echo "left=$?"\r')
  await terminal.sees('word300')
  terminal.press('typed')
  await terminal.sees('word400')
  await terminal.sees('left=0')
  expect(terminal.output.slice(0, terminal.output.indexOf('left=0'))).not.toContain('typed')
  terminal.press('\u0015exit\r')
  await terminal.code
  // What may still change was taken off the screen before, so that it stands there once.
  expect((await screenOf(terminal.output)).filter((line) => /\bword1\b/.test(line))).toHaveLength(1)
})
