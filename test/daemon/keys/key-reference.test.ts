import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, it, vi } from 'vitest'
import { readReference } from '../../../daemon/keys/key-reference.ts'
import { temporaryDirectory } from './temporary-directory.ts'

const ENVIRONMENT = { PATH: process.env['PATH'] }

it('readReference() stops a command that does not end, and all that it started', async () => {
  await using directory = await temporaryDirectory()
  const file = join(directory.path, 'pid')
  const command = `sleep 600 & echo $! > ${file}; wait`
  const reading = readReference('a', { type: 'command', command }, ENVIRONMENT, { milliseconds: 1000, bytes: 100 })
  await expect(reading).rejects.toThrow('Cannot read key of "a" from "cmd:sleep": the command did not end within 1 s')
  const pid = Number(await readFile(file, 'utf8'))
  await vi.waitUntil(() => !isAlive(pid), { timeout: 10_000 })
})

it('readReference() gives a command nothing to read and takes the first line', async () => {
  const command = 'cat; echo sk-first; echo sk-second'
  expect(await readReference('a', { type: 'command', command }, ENVIRONMENT)).toBe('sk-first')
})

it('readReference() refuses output that cannot be a key', async () => {
  const reading = readReference('a', { type: 'command', command: 'echo two words' }, ENVIRONMENT)
  await expect(reading).rejects.toThrow('Cannot use key of "a": it has spaces')
})

/** A process that ended but was not yet collected counts as ended. */
function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0)
  } catch {
    return false
  }
  try {
    const { readFileSync } = process.getBuiltinModule('node:fs')
    return !/\) Z /.test(readFileSync(`/proc/${pid}/stat`, 'utf8'))
  } catch {
    return process.platform !== 'linux'
  }
}
