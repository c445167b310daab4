// The daemon's log: how much of it is kept, who may read it, and what never stands in it.

import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmdirSync, rmSync, statSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { type OpenLog, openLog } from '../../daemon/log.ts'
import { createRedactor } from '../../src/protocol/redact.ts'
import { until } from '../helpers/until.ts'

const FILE = 'natterd.log'
const FILE_BYTES = 10 * 1024 * 1024
const KEY = 'a-key-that-looks-like-no-key-0123456789'

interface TemporaryLog extends AsyncDisposable {
  readonly directory: string
  open(): OpenLog
}

function temporaryLog(): TemporaryLog {
  const directory = mkdtempSync(join(tmpdir(), 'natter-log-'))
  const { add, redact } = createRedactor()
  add(KEY)
  return {
    directory,
    open: () => openLog({ directory, file: FILE, level: 'info', redact }),
    [Symbol.asyncDispose]: async () => rmSync(directory, { recursive: true }),
  }
}

it('openLog() keeps the newest 5 files of 10 MB, private and without keys', async () => {
  await using temporary = temporaryLog()
  // Each is written by itself, so that a file is full with the eleventh.
  const filler = 'x'.repeat(1024 * 1024 - 300)
  for (let line = 0; line < 70; line += 1) {
    await using opened = temporary.open()
    opened.log.info({ line, key: KEY, filler, again: `${KEY}${KEY}` }, 'a line')
  }
  const files = readdirSync(temporary.directory).sort()
  expect(files).toEqual([FILE, ...[1, 2, 3, 4].map((age) => `${FILE}.${age}`)])
  const lines: number[] = []
  for (const name of files.toReversed()) {
    const file = join(temporary.directory, name)
    const { mode, size } = statSync(file)
    expect([name, mode & 0o777]).toEqual([name, 0o600])
    expect(size).toBeLessThan(FILE_BYTES + filler.length + 1_000)
    const text = readFileSync(file, 'utf8')
    expect(text.includes(KEY)).toBe(false)
    for (const line of text.split('\n').filter(Boolean)) lines.push(JSON.parse(line).line)
  }
  expect(lines).toEqual(lines.map((_, index) => 70 - lines.length + index))
  expect(lines.length).toBeGreaterThan(40)
})

it('openLog() writes on once what kept it from writing is gone', async () => {
  await using temporary = temporaryLog()
  const file = join(temporary.directory, FILE)
  mkdirSync(file)
  await using opened = temporary.open()
  opened.log.info('lost')
  rmdirSync(file)
  await until(() => {
    opened.log.info('kept')
    return statSync(file, { throwIfNoEntry: false }) !== undefined && readFileSync(file, 'utf8').includes('"kept"')
  })
})
