// The launcher as an old Node runs it: a process that stands between, and shall not be noticed.

import { type ChildProcessWithoutNullStreams, spawn } from 'node:child_process'
import { once } from 'node:events'
import { readFileSync, writeFileSync } from 'node:fs'
import { expect, it } from 'vitest'
import { clientOf, collect, createHome, type Home, isAlive, NATTER, NATTERD } from '../helpers/home.ts'
import { until } from '../helpers/until.ts'

/** As a Node would that is too old for natter; the one that it finds is the real one. */
function startOld(home: Home, entry: string, args: readonly string[]): ChildProcessWithoutNullStreams {
  const preload = `${home.directory}/old.cjs`
  const versions = "{ value: { ...process.versions, node: '18.0.0' } }"
  writeFileSync(preload, `Object.defineProperty(process, 'versions', ${versions})`)
  // A group of its own, as a shell gives it to each command.
  const child = spawn(process.execPath, ['--require', preload, entry, ...args], { env: home.env, detached: true })
  child.stdin.end()
  return child
}

async function startService(home: Home) {
  const child = startOld(home, NATTERD, ['--service'])
  const ended = collect(child)
  await until(() => home.daemon() !== null)
  return { child, ended, pid: home.daemon()?.pid ?? 0 }
}

const LONG = ['-q', '-o', 'words=400', '-o', 'delayMs=10', 'x']

it.each([
  ['the launcher alone', 1],
  ['the whole group, as Ctrl-C does', -1],
])('natter ends its answer and exits 130 at SIGINT to %s', async (_, sign) => {
  await using home = createHome()
  const child = startOld(home, NATTER, LONG)
  const ended = collect(child)
  await once(child.stdout, 'data')
  process.kill(sign * (child.pid ?? 0), 'SIGINT')
  const { code, stdout } = await ended
  expect(code).toBe(130)
  // Left at once it would neither have stopped the turn nor shown all of it.
  const client = clientOf(home)
  const { conversation } = await client.call('conversations.latest', { place: { tty: null, directory: null } })
  const { turn } = await client.call('turns.get', { reference: conversation?.conversationId ?? '' })
  const { message } = await client.call('messages.get', { messageId: turn.messageId })
  expect([turn.outcome, message.parts[0]?.text]).toEqual([{ type: 'cancelled' }, stdout])
})

it('natter exits at once at a second SIGINT to the launcher', async () => {
  await using home = createHome()
  const service = await startService(home)
  process.kill(service.pid, 'SIGSTOP')
  const child = startOld(home, NATTER, LONG)
  const ended = collect(child)
  const again = setInterval(() => child.kill('SIGINT'), 300)
  expect((await ended).code).toBe(130)
  clearInterval(again)
  process.kill(service.pid, 'SIGCONT')
})

it('natterd under a launcher outlives SIGHUP and SIGUSR1, and no debugger opens', async () => {
  await using home = createHome()
  const { child, ended, pid } = await startService(home)
  expect(pid).not.toBe(child.pid)
  for (const target of [child.pid ?? 0, pid]) {
    process.kill(target, 'SIGUSR1')
    process.kill(target, 'SIGHUP')
  }
  await home.run(['-q', '-o', 'words=1', 'x'])
  expect([isAlive(child.pid ?? 0), isAlive(pid)]).toEqual([true, true])
  child.kill('SIGTERM')
  const { code, signal, stderr } = await ended
  expect({ code, signal, stderr }).toEqual({ code: 0, signal: null, stderr: '' })
  expect(home.daemon()).toBeNull()
})

it('natterd opens no debugger where it runs without a launcher', async () => {
  await using home = createHome()
  const child = spawn(process.execPath, [NATTERD, '--service'], { env: home.env })
  const ended = collect(child)
  await until(() => home.daemon() !== null)
  child.kill('SIGUSR1')
  await home.run(['-q', '-o', 'words=1', 'x'])
  child.kill('SIGTERM')
  expect(await ended).toMatchObject({ code: 0, stderr: '' })
})

it.each(['SIGQUIT', 'SIGUSR2', 'SIGKILL'] as const)(
  'natterd takes its launcher with it when %s ends it',
  async (signal) => {
    await using home = createHome()
    const { child, ended, pid } = await startService(home)
    process.kill(signal === 'SIGKILL' ? pid : (child.pid ?? 0), signal)
    expect((await ended).signal).toBe(signal)
    expect(isAlive(pid)).toBe(false)
  },
)

it.each(['SIGTERM', 'SIGINT'] as const)('natterd lets what runs end at %s to the whole group', async (signal) => {
  await using home = createHome()
  const { child, ended } = await startService(home)
  const asked = home.start(['-q', '-o', 'words=60', '-o', 'delayMs=10', 'x'])
  asked.stdin.end()
  const answer = collect(asked)
  await once(asked.stdout, 'data')
  process.kill(-(child.pid ?? 0), signal)
  expect(await answer).toMatchObject({ code: 0, stdout: expect.stringMatching(/word60$/) })
  expect(await ended).toMatchObject({ code: 0, signal: null })
  expect(readFileSync(`${home.paths.state}/natterd.log`, 'utf8')).toContain('natterd stopped')
})
