// What a terminal can do is judged from its environment alone.

import { expect, it } from 'vitest'
import { detectTerminal } from '../../../src/render/terminal.ts'
import { createTheme } from '../../../src/render/theme.ts'

const detect = (env: Record<string, string>, isTTY = true) => detectTerminal({ env, isTTY, platform: 'linux' })

it.each([
  [{ TERM: 'xterm-256color' }, '256'],
  [{ TERM: 'xterm' }, '16'],
  [{ TERM: 'xterm-256color', COLORTERM: 'truecolor' }, 'truecolor'],
  [{ TERM: 'xterm-kitty' }, 'truecolor'],
  [{ TERM: 'dumb', COLORTERM: 'truecolor' }, 'none'],
  [{ TERM: 'xterm-256color', NO_COLOR: '1' }, 'none'],
  [{ TERM: 'xterm-256color', NO_COLOR: '' }, '256'],
  [{ TERM: 'xterm', FORCE_COLOR: '3', NO_COLOR: '1' }, 'truecolor'],
  [{ TERM: 'xterm-256color', FORCE_COLOR: '0' }, 'none'],
  [{}, 'none'],
] as const)('detectTerminal() reads the colour depth of %j as %s', (env, color) => {
  expect(detect(env).color).toBe(color)
})

it('detectTerminal() gives a pipe neither colour nor cursor movement', () => {
  expect(detect({ TERM: 'xterm-256color', COLORTERM: 'truecolor' }, false)).toMatchObject({
    color: 'none',
    attributes: false,
    cursor: false,
    hyperlinks: false,
  })
})

it('detectTerminal() gives a pipe colour when it is forced, and still no cursor movement', () => {
  expect(detect({ FORCE_COLOR: '1' }, false)).toMatchObject({ color: '16', attributes: true, cursor: false })
})

it('detectTerminal() keeps bold and underline when only colour is unwanted', () => {
  expect(detect({ TERM: 'xterm', NO_COLOR: '1' })).toMatchObject({ color: 'none', attributes: true, cursor: true })
  expect(detect({ TERM: 'dumb' })).toMatchObject({ attributes: false, cursor: false, reducedMotion: true })
})

it.each([
  [{ TERM: 'xterm-256color' }, false],
  [{ TERM: 'xterm-kitty' }, true],
  [{ TERM: 'xterm-256color', VTE_VERSION: '6800' }, true],
  [{ TERM: 'xterm-256color', TERM_PROGRAM: 'iTerm.app', TERM_PROGRAM_VERSION: '3.5.0' }, true],
  [{ TERM: 'xterm-256color', TERM_PROGRAM: 'Apple_Terminal' }, false],
  [{ TERM: 'tmux-256color', TERM_PROGRAM: 'tmux', TERM_PROGRAM_VERSION: '3.3a', TMUX: '1' }, false],
  [{ TERM: 'tmux-256color', TERM_PROGRAM: 'tmux', TERM_PROGRAM_VERSION: '3.5', TMUX: '1' }, true],
  [{ TERM: 'dumb', VTE_VERSION: '6800' }, false],
] as const)('detectTerminal() reads the link support of %j as %s', (env, hyperlinks) => {
  expect(detect(env).hyperlinks).toBe(hyperlinks)
})

it('detectTerminal() tells a light background by COLORFGBG', () => {
  expect(detect({ COLORFGBG: '0;15' }).background).toBe('light')
  expect(detect({ COLORFGBG: '0;default;7' }).background).toBe('light')
  expect(detect({ COLORFGBG: '15;0' }).background).toBe('dark')
  expect(detect({}).background).toBe('dark')
})

it('detectTerminal() falls back to 80 by 24', () => {
  expect(detectTerminal({ env: {}, isTTY: true, columns: 0 })).toMatchObject({ columns: 80, rows: 24 })
  expect(detectTerminal({ env: { COLUMNS: '120' }, isTTY: false })).toMatchObject({ columns: 120 })
})

it('createTheme() paints by depth, and not at all without attributes', () => {
  const painted = (env: Record<string, string>) => createTheme(detect(env)).paint('heading', 'x')
  expect(painted({ TERM: 'xterm' })).toBe('\x1b[1;36mx\x1b[0m')
  expect(painted({ TERM: 'xterm-256color' })).toBe('\x1b[1;38;5;80mx\x1b[0m')
  expect(painted({ TERM: 'xterm', COLORTERM: 'truecolor', COLORFGBG: '0;15' })).toBe('\x1b[1;38;2;11;114;133mx\x1b[0m')
  expect(painted({ TERM: 'xterm', NO_COLOR: '1' })).toBe('\x1b[1mx\x1b[0m')
  expect(painted({ TERM: 'dumb' })).toBe('x')
})
