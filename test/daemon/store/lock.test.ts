// The lock that makes the daemon single.

import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { chmodSync, mkdirSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { expect, it } from 'vitest'
import { acquireLock } from '../../../daemon/store/lock.ts'
import { temporaryDirectory } from '../../helpers/store.ts'

const HOLDER = `
  import { acquireLock } from ${JSON.stringify(new URL('../../../daemon/store/lock.ts', import.meta.url).href)}
  process.umask(0)
  const lock = acquireLock(process.argv[1])
  console.log(lock === null ? 'refused' : 'held')
  process.stdin.resume().on('end', () => process.exit())
`

/** A process that tries to take the lock, says whether it did, and lives until its stdin ends. */
async function startHolder(file: string): Promise<{ readonly child: ChildProcess; readonly said: string }> {
  const child = spawn(process.execPath, ['--input-type=module', '--eval', HOLDER, file], {
    stdio: ['pipe', 'pipe', 'inherit'],
  })
  const [said] = await once(createInterface({ input: child.stdout }), 'line')
  return { child, said: String(said) }
}

async function end(child: ChildProcess, signal: NodeJS.Signals): Promise<void> {
  const exited = once(child, 'exit')
  child.kill(signal)
  await exited
}

it('acquireLock() refuses a second process until the first is gone, however it went', async () => {
  await using directory = await temporaryDirectory()
  const file = join(directory.path, 'state', 'daemon.lock')
  const first = await startHolder(file)
  expect(first.said).toBe('held')
  expect(acquireLock(file)).toBeNull()
  const second = await startHolder(file)
  expect(second.said).toBe('refused')
  await end(second.child, 'SIGTERM')
  await end(first.child, 'SIGKILL')
  const lock = acquireLock(file)
  expect(lock?.file).toBe(file)
  lock?.[Symbol.dispose]()
  acquireLock(file)?.[Symbol.dispose]()
})

it('acquireLock() has one holder of twenty that race', async () => {
  await using directory = await temporaryDirectory()
  const file = join(directory.path, 'daemon.lock')
  const holders = await Promise.all(Array.from({ length: 20 }, () => startHolder(file)))
  expect(holders.filter((holder) => holder.said === 'held')).toHaveLength(1)
  await Promise.all(holders.map((holder) => end(holder.child, 'SIGKILL')))
}, 60_000)

it('acquireLock() makes a private file in a private directory whatever the umask, and keeps strangers out of an old one', async () => {
  await using directory = await temporaryDirectory()
  const file = join(directory.path, 'state', 'daemon.lock')
  const holder = await startHolder(file)
  expect(statSync(file).mode & 0o777).toBe(0o600)
  expect(statSync(join(directory.path, 'state')).mode & 0o777).toBe(0o700)
  await end(holder.child, 'SIGKILL')
  chmodSync(file, 0o644)
  const lock = acquireLock(file)
  expect(statSync(file).mode & 0o777).toBe(0o600)
  lock?.[Symbol.dispose]()
})

it('acquireLock() names the true cause where it cannot lock', async () => {
  await using directory = await temporaryDirectory()
  const isDirectory = join(directory.path, 'directory.lock')
  mkdirSync(isDirectory)
  expect(() => acquireLock(isDirectory)).toThrow(/it is not a regular file/)
  const junk = join(directory.path, 'junk.lock')
  writeFileSync(junk, 'pid 4711\n'.repeat(500))
  expect(() => acquireLock(junk)).toThrow(/holds something that is not a lock/)
  const below = join(directory.path, 'junk.lock', 'daemon.lock')
  expect(() => acquireLock(below)).toThrow(/Cannot take lock/)
})
