import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { expect, it } from 'vitest'
import { clientOf, collect, createHome, type Home, NATTERD } from '../helpers/home.ts'
import { until } from '../helpers/until.ts'

function startService(home: Home) {
  return spawn(process.execPath, [NATTERD, '--service'], { env: home.env, stdio: 'ignore' })
}

it.each(['SIGTERM', 'SIGINT'] as const)('natterd lets what runs end at %s, saves it, and exits 0', async (signal) => {
  await using home = createHome()
  const daemon = startService(home)
  const exited = once(daemon, 'exit')
  await until(() => home.daemon() !== null)
  const child = home.start(['-q', 'x', '-o', 'words=100', '-o', 'delayMs=10'])
  child.stdin.end()
  let stdout = ''
  child.stdout.on('data', (chunk) => {
    stdout += chunk
  })
  const asked = once(child, 'close')
  await once(child.stdout, 'data')
  daemon.kill(signal)
  expect(await exited).toEqual([0, null])
  expect((await asked)[0]).toBe(0)
  expect(stdout.endsWith('word100')).toBe(true)
  expect(home.daemon()).toBeNull()
})

it('natterd interrupts and saves what runs past its patience', async () => {
  await using home = createHome({ daemon: { drainSeconds: 1 } })
  const daemon = startService(home)
  const exited = once(daemon, 'exit')
  await until(() => home.daemon() !== null)
  const { stdout } = await home.run(['-q', '--detach', 'x', '-o', 'words=9000', '-o', 'delayMs=5'])
  daemon.kill('SIGTERM')
  expect(await exited).toEqual([0, null])
  const { turn } = await clientOf(home).call('turns.get', { reference: stdout.trim() })
  expect(turn.outcome).toMatchObject({
    type: 'failed',
    error: { code: 'interrupted', message: expect.stringContaining('stopped') },
  })
  const { message } = await clientOf(home).call('messages.get', { messageId: turn.messageId })
  expect(message.parts[0]?.text).toMatch(/^word1 word2 /)
})

it('natterd refuses options it does not know, and starts nothing', async () => {
  await using home = createHome()
  const child = spawn(process.execPath, [NATTERD, '--port=1'], { env: home.env, stdio: ['ignore', 'ignore', 'pipe'] })
  let stderr = ''
  child.stderr.on('data', (chunk) => {
    stderr += chunk
  })
  expect(await once(child, 'close')).toEqual([2, null])
  expect(stderr).toContain('--port=1')
  expect(home.daemon()).toBeNull()
})

it('natterd prints its version, and starts nothing', async () => {
  await using home = createHome()
  const asked = await collect(spawn(process.execPath, [NATTERD, '--version'], { env: home.env }))
  const { stdout } = await home.run(['--version'])
  expect(asked).toMatchObject({ code: 0, stdout, stderr: '' })
  expect(stdout).toMatch(/^\d+\.\d+\.\d+\n$/)
  expect(home.daemon()).toBeNull()
})

it.each([
  [['--service'], 75, '  Run "natter daemon stop" first\n'],
  [[], 0, ''],
])('natterd %j says who rules already, and exits %i', async (args, code, hint) => {
  await using home = createHome()
  await home.run(['daemon', 'start'])
  const { pid, socket } = home.daemon() ?? {}
  const second = await collect(spawn(process.execPath, [NATTERD, ...args], { env: home.env }))
  const message = `natterd: another natterd rules in "${home.paths.state}": process ${pid}, socket "${socket}"\n`
  expect(second).toMatchObject({ code, stdout: '', stderr: message + hint })
})
