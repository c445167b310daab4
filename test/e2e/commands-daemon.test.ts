import { appendFileSync, chmodSync, mkdirSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { expect, it } from 'vitest'
import { LOG_FILE } from '../../src/protocol/hello.ts'
import { startAimock } from '../helpers/aimock.ts'
import { clientOf, collect, createHome, type Home, isAlive, kill } from '../helpers/home.ts'
import { until } from '../helpers/until.ts'

interface Check {
  readonly name: string
  readonly status: 'ok' | 'warn' | 'fail'
  readonly detail: string
  readonly hint: string | null
}

async function doctor(home: Home): Promise<{ code: number | null; checks: readonly Check[] }> {
  const { code, stdout, stderr } = await home.run(['doctor', '--json'])
  expect(stderr).toBe('')
  const { ok, checks } = JSON.parse(stdout)
  expect(ok).toBe(code === 0)
  return { code, checks }
}

/** Zero would mean every process of our group. */
function pidOf(home: Home): number {
  const running = home.daemon()
  if (running === null) throw new Error('No daemon runs')
  return running.pid
}

function find(checks: readonly Check[], name: string): Check | undefined {
  return checks.find((check) => check.name === name)
}

it('natter daemon status never starts a daemon and exits 7 without one', async () => {
  await using home = createHome()
  const plain = await home.run(['daemon', 'status'])
  expect({ code: plain.code, stdout: plain.stdout }).toEqual({ code: 7, stdout: '' })
  expect(plain.stderr).toContain('natter daemon start')
  const json = await home.run(['daemon', 'status', '--json'])
  expect(json.code).toBe(7)
  expect(JSON.parse(json.stdout)).toEqual({ running: false })
  expect(home.daemon()).toBeNull()
})

it('natter daemon start, status, restart and stop do what they say', async () => {
  await using home = createHome()
  const started = await home.run(['daemon', 'start'])
  expect(started).toMatchObject({ code: 0, stdout: '' })
  const pid = pidOf(home)
  expect(started.stderr).toContain(`started, pid ${pid}`)
  expect((await home.run(['daemon', 'start'])).stderr).toContain(`runs already, pid ${pid}`)
  const { stdout } = await home.run(['daemon', 'status'])
  expect(stdout).toContain(`pid       ${pid}`)
  expect(JSON.parse((await home.run(['daemon', 'status', '--json'])).stdout)).toMatchObject({ running: true, pid })
  expect(await home.run(['daemon', 'restart'])).toMatchObject({ code: 0, stdout: '' })
  expect(isAlive(pid)).toBe(false)
  const next = pidOf(home)
  expect(next).not.toBe(pid)
  expect(await home.run(['daemon', 'stop'])).toMatchObject({ code: 0, stderr: 'natter: natterd stopped\n' })
  expect(isAlive(next)).toBe(false)
  expect(await home.run(['daemon', 'stop'])).toMatchObject({ code: 0, stderr: 'natter: natterd is not running\n' })
})

it('natter daemon restart starts one where none runs', async () => {
  await using home = createHome()
  expect((await home.run(['daemon', 'restart'])).stderr).toContain('started')
  expect(home.daemon()).not.toBeNull()
})

it('natter daemon stop waits for running answers to end', async () => {
  await using home = createHome()
  const { stdout: id } = await home.run(['-q', '--detach', '-o', 'words=150', '-o', 'delayMs=20', 'count'])
  const pid = pidOf(home)
  const { code, stderr } = await home.run(['daemon', 'stop'])
  expect(code).toBe(0)
  expect(stderr).toContain('waiting for 1 answer')
  expect(isAlive(pid)).toBe(false)
  expect(await home.run(['wait', id.trim()])).toMatchObject({ code: 0, stdout: expect.stringMatching(/word150$/) })
})

it('natter daemon stop --now interrupts them and keeps what they said', async () => {
  await using home = createHome()
  const { stdout: id } = await home.run(['-q', '--detach', '-o', 'words=5000', '-o', 'delayMs=20', 'count'])
  const reference = id.trim()
  await until(async () => (await clientOf(home).call('turns.get', { reference })).turn.outputTokens > 5)
  expect(await home.run(['daemon', 'stop', '--now'])).toMatchObject({ code: 0, stderr: 'natter: natterd stopped\n' })
  const { code, stdout } = await home.run(['wait', reference])
  expect(code).not.toBe(0)
  expect(stdout).toMatch(/^word1 word2/)
})

it('natter daemon stop can be left with Ctrl-C while it waits', async () => {
  await using home = createHome({ daemon: { drainSeconds: 600 } })
  await home.run(['-q', '--detach', '-o', 'words=5000', '-o', 'delayMs=20', 'count'])
  const pid = pidOf(home)
  const child = home.start(['daemon', 'stop'])
  child.stderr.once('data', () => child.kill('SIGINT'))
  expect((await collect(child)).code).toBe(130)
  process.kill(pid, 'SIGKILL')
  await until(() => !isAlive(pid))
})

it('natter daemon logs prints the last lines as they are, in a pipe', async () => {
  await using home = createHome()
  mkdirSync(home.paths.state, { recursive: true })
  const lines = Array.from({ length: 5_000 }, (_, index) => JSON.stringify({ level: 'info', msg: `line ${index} ü` }))
  writeFileSync(`${home.paths.state}/${LOG_FILE}`, `${lines.join('\n')}\n`)
  const tail = (count: number) => `${lines.slice(-count).join('\n')}\n`
  expect(await home.run(['daemon', 'logs', '-n', '3'])).toMatchObject({ code: 0, stdout: tail(3), stderr: '' })
  expect((await home.run(['daemon', 'logs'])).stdout).toBe(tail(50))
  expect((await home.run(['daemon', 'logs', '-n', '4000'])).stdout).toBe(tail(4_000))
  expect((await home.run(['daemon', 'logs', '-n', '99999'])).stdout).toBe(tail(5_000))
  expect(home.daemon()).toBeNull()
})

it('natter daemon logs without a log says so', async () => {
  await using home = createHome()
  expect(await home.run(['daemon', 'logs'])).toMatchObject({
    code: 0,
    stdout: '',
    stderr: expect.stringContaining('log'),
  })
})

it('natter daemon logs -f follows through rotation and truncation, without loss or repeat', async () => {
  await using home = createHome()
  const file = `${home.paths.state}/${LOG_FILE}`
  mkdirSync(home.paths.state, { recursive: true })
  const child = home.start(['daemon', 'logs', '-f'])
  const ended = collect(child)
  let seen = ''
  child.stdout.on('data', (chunk: Buffer) => {
    seen += chunk
  })
  const says = (text: string) => until(() => seen.endsWith(text))
  writeFileSync(file, 'one\n')
  await says('one\n')
  appendFileSync(file, 'two\n')
  renameSync(file, `${file}.1`)
  appendFileSync(`${file}.1`, 'three\n')
  writeFileSync(file, 'four\n')
  await says('four\n')
  expect(seen).toBe('one\ntwo\nthree\nfour\n')
  rmSync(file)
  writeFileSync(file, 'five\n')
  await says('five\n')
  writeFileSync(file, '6\n')
  await says('6\n')
  child.kill('SIGINT')
  expect((await ended).code).toBe(130)
  expect(seen).toBe('one\ntwo\nthree\nfour\nfive\n6\n')
})

it('natter doctor finds everything in order in a fresh home', async () => {
  await using home = createHome()
  const { code, checks } = await doctor(home)
  expect(checks.filter(({ status }) => status === 'fail')).toEqual([])
  expect(code).toBe(0)
  const names = ['node', 'natter', 'clock', 'disk', 'config', 'data', 'state', 'daemon', 'lock', 'sqlite', 'storage']
  for (const name of [...names, 'database', 'settings', 'keys', 'model', 'servers']) {
    expect(find(checks, name), name).toBeDefined()
  }
  const pid = home.daemon()?.pid
  expect(find(checks, 'lock')).toMatchObject({ status: 'ok', detail: expect.stringContaining(`pid ${pid}`) })
  expect(find(checks, 'database')?.detail).toContain('integrity ok')
  const { stdout } = await home.run(['doctor'])
  expect(stdout).toMatch(/^ok {4}node +\d+\.\d+\.\d+ /)
  expect(stdout).toMatch(/^warn {2}model +demo\/natter/m)
})

it('natter doctor names the providers with a key, never the key', async () => {
  await using home = createHome()
  const key = 'sk-test-0123456789abcdef'
  await home.run(['keys', 'set', 'anthropic'], { stdin: key })
  const { stdout } = await home.run(['doctor', '--json'], { env: { OPENAI_API_KEY: key } })
  expect(stdout).toContain('anthropic (file)')
  expect(stdout).toContain('openai (environment)')
  expect(stdout).not.toContain('cdef')
})

it('natter doctor says what is wrong with settings, which natterd starts without', async () => {
  await using home = createHome()
  writeFileSync(`${home.paths.config}/config.json`, '{"model": 1,\n  nonsense}')
  const { code, checks } = await doctor(home)
  expect(code).toBe(1)
  expect(find(checks, 'settings')).toMatchObject({ status: 'fail', detail: expect.stringContaining('line 2') })
  expect(checks.find(({ name }) => name === 'daemon')).toMatchObject({ status: 'ok' })
  expect(find(checks, 'node')).toMatchObject({ status: 'ok' })
})

it('natter doctor names the model of the settings, whether or not a server lists it', async () => {
  await using home = createHome({ model: 'mine/unlisted', providers: { mine: { baseUrl: 'http://127.0.0.1:9/v1' } } })
  const { checks } = await doctor(home)
  expect(find(checks, 'model')).toMatchObject({
    status: 'ok',
    detail: expect.stringContaining('mine/unlisted is asked'),
  })
  expect((await home.run(['models'])).stdout).toMatch(/^\* +mine\/unlisted/m)
})

it('natter doctor finds the servers of the settings, and advises their models over the demo', async () => {
  await using aimock = await startAimock()
  const baseUrl = aimock.baseUrls['openai-chat']
  await using home = createHome({ providers: { mine: { baseUrl }, dead: { baseUrl: 'http://127.0.0.1:9/v1' } } })
  const { checks } = await doctor(home)
  expect(find(checks, 'servers')).toMatchObject({ status: 'ok', detail: 'found: mine' })
  expect(find(checks, 'model')).toMatchObject({
    status: 'warn',
    hint: expect.stringMatching(/^Run "natter config set model mine\/\S+"/),
  })
})

it('natter doctor finds no server where the one of the settings does not answer', async () => {
  await using home = createHome({ model: 'mine/one', providers: { mine: { baseUrl: 'http://127.0.0.1:9/v1' } } })
  const { checks } = await doctor(home)
  expect(find(checks, 'servers')?.detail).toContain('none found')
  expect(find(checks, 'models')?.detail).toContain('127.0.0.1:9')
})

it('natter doctor and natter models say that the model of the settings is not known', async () => {
  await using home = createHome({ model: 'nosuchmodel' })
  const { code, checks } = await doctor(home)
  expect(code).toBe(1)
  expect(find(checks, 'model')).toMatchObject({ status: 'fail' })
  expect(find(checks, 'models')?.detail).toContain('"nosuchmodel"')
  const { stdout, stderr } = await home.run(['models'])
  expect(stdout).not.toContain('*')
  expect(stderr).toContain('"nosuchmodel"')
})

it('natter doctor says what is wrong where the database is damaged', async () => {
  await using home = createHome()
  mkdirSync(home.paths.data, { recursive: true })
  writeFileSync(`${home.paths.data}/natter.db`, 'this is no database, whatever its name says '.repeat(200))
  const { code, checks } = await doctor(home)
  expect(code).toBe(1)
  expect(find(checks, 'daemon')).toMatchObject({ status: 'fail', detail: expect.stringContaining('natter.db') })
})

it.runIf(process.platform === 'linux')(
  'natter doctor, status and stop name a natterd that holds the lock and does not answer',
  async () => {
    await using home = createHome()
    await home.run(['daemon', 'start'])
    const pid = pidOf(home)
    process.kill(pid, 'SIGSTOP')
    try {
      const { code, checks } = await doctor(home)
      expect(code).toBe(1)
      expect(find(checks, 'lock')).toMatchObject({ status: 'fail', detail: expect.stringContaining(`pid ${pid}`) })
      const status = await home.run(['daemon', 'status'])
      expect(status.code).toBe(7)
      expect(status.stderr).toContain(`pid ${pid}`)
      const child = home.start(['daemon', 'stop'])
      child.stderr.once('data', () => process.kill(pid, 'SIGKILL'))
      expect(await collect(child)).toMatchObject({ code: 0, stderr: expect.stringContaining('stopped') })
    } finally {
      kill(pid, 'SIGKILL')
      await until(() => !isAlive(pid))
    }
  },
)

it('natter doctor warns of files that others can read', async () => {
  await using home = createHome()
  await home.run(['keys', 'set', 'openai'], { stdin: 'sk-test-0123456789abcdef' })
  await home.run(['daemon', 'stop'])
  chmodSync(home.paths.config, 0o755)
  chmodSync(`${home.paths.config}/keys.json`, 0o644)
  const { checks } = await doctor(home)
  expect(find(checks, 'config')).toMatchObject({ status: 'warn', hint: expect.stringContaining('chmod 700') })
  expect(find(checks, 'key file')).toMatchObject({ status: 'warn', hint: expect.stringContaining('chmod 600') })
})

it.each([
  [['daemon'], 'it needs a command'],
  [['daemon', 'statsu'], 'The commands are: start, stop, restart, status, logs'],
  [['daemon', 'status', '--nope'], 'unknown option'],
  [['daemon', 'logs', '-n', 'x'], 'whole number'],
  [['doctor', 'x'], 'too many arguments'],
])('natter %j exits 2, says why and starts no daemon', async (args, reason) => {
  await using home = createHome()
  const { code, stdout, stderr } = await home.run(args)
  expect(stderr).toContain(reason)
  expect({ code, stdout }).toEqual({ code: 2, stdout: '' })
  expect(home.daemon()).toBeNull()
})

it('natterd says in words that a file lies where its directory should be', async () => {
  await using home = createHome()
  writeFileSync(home.paths.runtime, '')
  const { code, stderr } = await home.run(['daemon', 'start'])
  expect(code).toBe(7)
  expect(stderr).toContain(`Cannot listen in "${home.paths.runtime}": it must be a directory of your own`)
  const { checks } = await doctor(home)
  expect(find(checks, 'runtime')).toMatchObject({ status: 'fail', detail: `"${home.paths.runtime}" is no directory` })
})
