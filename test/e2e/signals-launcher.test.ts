// The launcher as an old Node runs it: a process that stands between, and shall not be noticed.

import { type ChildProcessWithoutNullStreams, spawn } from 'node:child_process'
import { once } from 'node:events'
import { readFileSync, writeFileSync } from 'node:fs'
import { constants } from 'node:os'
import { relative } from 'node:path'
import { fileURLToPath } from 'node:url'
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
  const child = startOld(home, NATTER, LONG)
  const ended = collect(child)
  await once(child.stdout, 'data')
  process.kill(service.pid, 'SIGSTOP')
  child.kill('SIGINT')
  await until(() => !isPending(child.pid ?? 0))
  child.kill('SIGINT')
  expect((await ended).code).toBe(130)
  process.kill(service.pid, 'SIGCONT')
})

/** Whether an interrupt waits to be taken; a second one would be the same. */
function isPending(pid: number): boolean {
  const [, pending = '0'] = /^ShdPnd:\s*([0-9a-f]+)$/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8')) ?? []
  return (Number.parseInt(pending.slice(-4), 16) & (1 << (constants.signals.SIGINT - 1))) !== 0
}

it.each([
  ['the launcher alone is told', false],
  ['the launcher tells of it before the terminal', true],
])('launch() lets its program hear of one Ctrl-C once where %s', async (_, isTerminal) => {
  await using home = createHome()
  const [program, entry, go] = ['program.mjs', 'entry.cjs', 'go'].map((name) => `${home.directory}/${name}`) as Three
  writeFileSync(program, COUNTING)
  const launcher = fileURLToPath(new URL('../../bin/launch.js', import.meta.url))
  const dist = fileURLToPath(new URL('../../dist', import.meta.url))
  writeFileSync(entry, `require(${JSON.stringify(launcher)})(${JSON.stringify(relative(dist, program))})`)
  const child = startOld(home, entry, [go])
  const ended = collect(child)
  const [inner] = (await once(child.stdout, 'data')) as [Buffer]
  child.kill('SIGINT')
  await until(() => !isPending(child.pid ?? 0))
  if (isTerminal) process.kill(Number(inner), 'SIGINT')
  writeFileSync(go, '')
  expect((await ended).stdout).toBe(`${inner}heard 1`)
})

type Three = [string, string, string]

/** Busy until the file is there, it takes everything that came meanwhile at once; then it counts. */
const COUNTING = `
import { existsSync } from 'node:fs'
let heard = 0
process.on('SIGINT', () => { heard += 1 })
process.stdout.write(String(process.pid) + ' ')
while (!existsSync(process.argv[2])) {}
const later = (turns, action) => turns === 0 ? action() : setImmediate(later, turns - 1, action)
later(2, () => setTimeout(later, 300, 4, () => { process.stdout.write('heard ' + heard); process.exit() }))
`

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
