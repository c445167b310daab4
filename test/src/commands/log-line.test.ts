import { expect, it } from 'vitest'
import { formatLogLine } from '../../../src/commands/natterd/log-line.ts'
import { createTheme } from '../../../src/render/theme.ts'

const plain = createTheme({ color: 'none', attributes: false, background: 'dark' })

it('formatLogLine() puts time, level, message and facts on one line', () => {
  const line = {
    level: 'info',
    time: '2026-01-02T03:04:05.678Z',
    pid: 7,
    msg: 'turn ended',
    ms: 12,
    model: 'demo/natter',
  }
  expect(formatLogLine(JSON.stringify(line), plain)).toMatch(
    /^\d{4}-\d\d-\d\d \d\d:\d\d:05\.678 info {2}turn ended ms=12 model=demo\/natter$/,
  )
})

it('formatLogLine() shows the message of an error, not its stack', () => {
  const line = {
    level: 'error',
    time: 'x',
    msg: 'request failed',
    err: { type: 'TypeError', message: 'boom', stack: 'at' },
  }
  expect(formatLogLine(JSON.stringify(line), plain)).toBe('x error request failed TypeError: boom')
})

it.each([
  ['not JSON \x1b[31m', 'not JSON [31m'],
  ['[1,2]', '[1,2]'],
  ['null', 'null'],
  ['', ''],
  ['{"level":"info","msg":"a\\u001b]0;x\\u0007b"}', 'info  a]0;xb'],
])('formatLogLine() shows %j harmlessly as %j', (line, shown) => {
  expect(formatLogLine(line, plain)).toBe(shown)
})
