// A busy daemon of another protocol, of which only what never changes may be asked.

import { mkdirSync, rmSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:http'
import { expect, it } from 'vitest'
import { DAEMON_FILE, PROTOCOL } from '../../src/protocol/hello.ts'
import { createHome, type Home } from '../helpers/home.ts'

const HELLO = { protocol: PROTOCOL - 1, version: '0.0.9', build: 'older' }

/** It answers what all protocols share, and everything else as one that never heard of it. */
async function startStranger(home: Home, activeTurns: number): Promise<AsyncDisposable & { readonly asked: string[] }> {
  const asked: string[] = []
  const answers = new Map<string | undefined, object>([
    ['/api/hello', HELLO],
    ['/api/status', { ...HELLO, pid: process.pid, activeTurns }],
    ['/api/shutdown', { stopping: activeTurns === 0, activeTurns }],
  ])
  const server = createServer((request, response) => {
    const answer = answers.get(request.url)
    if (answer === undefined) asked.push(request.url ?? '')
    response.writeHead(answer === undefined ? 404 : 200, { connection: 'close' })
    const error = { code: 'not-found', message: `There is no ${request.method} ${request.url}`, hint: null }
    response.end(JSON.stringify(answer ?? { error }))
    if (request.url === '/api/shutdown' && activeTurns === 0) leave()
  })
  const leave = () => {
    server.close()
    rmSync(`${home.paths.state}/${DAEMON_FILE}`, { force: true })
  }
  for (const folder of [home.paths.state, home.paths.runtime]) mkdirSync(folder, { recursive: true, mode: 0o700 })
  await new Promise<void>((resolve) => server.listen(home.paths.socket, () => resolve()))
  const file = { ...HELLO, socket: home.paths.socket, pid: process.pid }
  writeFileSync(`${home.paths.state}/${DAEMON_FILE}`, JSON.stringify(file))
  return {
    asked,
    async [Symbol.asyncDispose]() {
      // What is left of it; a daemon that took its place has a file of its own.
      if (server.listening) leave()
      server.closeAllConnections()
    },
  }
}

it.each([
  [['-q', 'x']],
  [['ps']],
  [['usage']],
  [['status']],
  [['history', 'list']],
  [['config', 'get']],
  [['daemon', 'start']],
])('natter %j says that a busy natterd speaks another protocol, and asks it nothing', async (args) => {
  await using home = createHome()
  await using stranger = await startStranger(home, 1)
  const { code, stdout, stderr } = await home.run(args)
  expect([code, stdout]).toEqual([7, ''])
  expect(stderr).toMatch(
    /^natter: Cannot use the running natterd: it is of build older and busy with 1 answer, .*\n.*"natter daemon restart" replaces it now\n$/,
  )
  expect(stranger.asked).toEqual([])
})

it('natter daemon status tells of a natterd of another protocol what it can', async () => {
  await using home = createHome()
  await using _stranger = await startStranger(home, 2)
  const { code, stdout, stderr } = await home.run(['daemon', 'status'])
  expect([code, stderr]).toEqual([0, ''])
  expect(stdout).toContain('0.0.9, build older (this natter is of build')
  expect(stdout).toContain('2 running; "natter daemon restart" replaces it')
})

it('natter doctor gives one reason where natterd speaks another protocol', async () => {
  await using home = createHome()
  await using _stranger = await startStranger(home, 1)
  const { code, stdout } = await home.run(['doctor', '--json'])
  const { checks } = JSON.parse(stdout) as { checks: readonly { name: string; status: string; detail: string }[] }
  expect(code).toBe(1)
  const failed = checks.filter(({ status }) => status === 'fail')
  expect(failed).toMatchObject([{ name: 'daemon', detail: expect.stringContaining('busy with 1 answer') }])
})

it('natter ps finds nothing in an idle natterd of another protocol, and leaves it alone', async () => {
  await using home = createHome()
  await using stranger = await startStranger(home, 0)
  expect(await home.run(['ps'])).toMatchObject({ code: 0, stderr: 'natter: nothing is running\n' })
  expect([home.daemon()?.build, stranger.asked]).toEqual(['older', []])
})

it('natter replaces an idle natterd of another protocol', async () => {
  await using home = createHome()
  await using _stranger = await startStranger(home, 0)
  expect(await home.run(['-q', 'x', '-o', 'words=1'])).toMatchObject({ code: 0, stdout: 'word1' })
  expect(home.daemon()?.build).not.toBe('older')
})
