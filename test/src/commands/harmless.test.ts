// Names that others chose, where no table makes them harmless.

import { expect, it, vi } from 'vitest'
import { toCsv } from '../../../src/commands/csv.ts'
import { usageLine } from '../../../src/commands/usage-line.ts'
import { createWaitingLine } from '../../../src/commands/waiting-line.ts'
import { EMPTY_REPLY } from '../../../src/protocol/stream.ts'

const MODEL = 'v/\x1b]0;owned\x07m\r\n\x9b2J\u202e'

it('toCsv() writes cells that neither a terminal nor a spreadsheet acts on', () => {
  expect(
    toCsv([
      ['model', 'calls'],
      [MODEL, 2],
      ['\x1b=1+1', 3],
      ['a "b", c', 4],
    ]),
  ).toBe(`model,calls\r\nv/]0;ownedm 2J,2\r\n'=1+1,3\r\n"a ""b"", c",4\r\n`)
})

it('usageLine() names a model harmlessly', () => {
  const result = { model: MODEL, reply: EMPTY_REPLY, costMicros: 0, firstPartMs: null, outcome: { type: 'completed' } }
  expect(usageLine(result as unknown as Parameters<typeof usageLine>[0])).toMatch(/^v\/\]0;ownedm 2J · /)
})

it('createWaitingLine() says harmlessly what it waits for', () => {
  vi.useFakeTimers()
  vi.stubEnv('TERM', 'xterm')
  const written: string[] = []
  const stderr = { isTTY: true, write: (text: string) => written.push(text) } as unknown as NodeJS.WriteStream
  const line = createWaitingLine(stderr, false)
  line.say(() => `asking ${MODEL}`)
  vi.advanceTimersByTime(1_000)
  line.clear()
  vi.useRealTimers()
  vi.unstubAllEnvs()
  expect(written.length).toBeGreaterThan(1)
  for (const text of written.slice(0, -1)) expect(text).toMatch(/^\r\x1b\[2K\S asking v\/\]0;ownedm 2J \d s$/)
})
