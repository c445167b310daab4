import { spawn } from 'node:child_process'
import { cpSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { expect, it } from 'vitest'
import { clientOf, collect, createHome, type Home, type RunResult } from '../helpers/home.ts'
import { until } from '../helpers/until.ts'

const ROOT = fileURLToPath(new URL('../..', import.meta.url))

interface OtherBuild extends Disposable {
  run(home: Home, args: readonly string[]): Promise<RunResult>
  /** Installed anew in the same place. */
  upgrade(build: string): void
}

/** The same program under another build's name, as an update would leave it. */
function otherBuild(): OtherBuild {
  const root = mkdtempSync(join(tmpdir(), 'natter-build-'))
  for (const folder of ['bin', 'dist']) cpSync(join(ROOT, folder), join(root, folder), { recursive: true })
  symlinkSync(join(ROOT, 'node_modules'), join(root, 'node_modules'))
  const file = join(root, 'dist', 'build.json')
  const build = JSON.parse(readFileSync(file, 'utf8')) as object
  writeFileSync(file, JSON.stringify({ ...build, build: 'other' }))
  return {
    run(home, args) {
      const child = spawn(process.execPath, [join(root, 'bin/natter.js'), ...args], { env: home.env, stdio: 'pipe' })
      child.stdin.end()
      return collect(child)
    },
    upgrade: (name) => writeFileSync(file, JSON.stringify({ ...build, build: name })),
    [Symbol.dispose]: () => rmSync(root, { recursive: true }),
  }
}

it('natter of another build replaces an idle natterd and finds everything again', async () => {
  using other = otherBuild()
  await using home = createHome()
  await home.run(['-q', 'asked before', '-o', 'words=1'])
  const before = home.daemon()
  const { code, stdout } = await other.run(home, ['history', 'list'])
  expect([code, stdout]).toEqual([0, expect.stringContaining('asked before')])
  expect(home.daemon()).toMatchObject({ build: 'other' })
  expect(home.daemon()?.pid).not.toBe(before?.pid)
})

it('natter of another build uses a busy natterd and ends nothing of what it does', async () => {
  using other = otherBuild()
  await using home = createHome()
  const detached = await home.run(['-q', '--detach', 'long work', '-o', 'words=400', '-o', 'delayMs=5'])
  const before = home.daemon()
  const { code } = await other.run(home, ['-q', 'x', '-o', 'words=1'])
  expect(code).toBe(0)
  expect(home.daemon()).toEqual(before)
  const client = clientOf(home)
  await until(async () => (await client.call('turns.list', {})).turns.length === 0)
  const { turn } = await client.call('turns.get', { reference: detached.stdout.trim() })
  expect(turn.outcome).toEqual({ type: 'completed' })
})

it('natter of two builds at the same time all get their answers', async () => {
  using other = otherBuild()
  await using home = createHome()
  const asks = Array.from({ length: 6 }, () => [
    home.run(['-q', 'x', '-o', 'words=2', '-o', 'delayMs=0']),
    other.run(home, ['-q', 'x', '-o', 'words=2', '-o', 'delayMs=0']),
  ])
  for (const { code, stdout, stderr } of await Promise.all(asks.flat())) {
    expect([code, stdout, stderr]).toEqual([0, 'word1 word2', ''])
  }
})

it('natter that was upgraded while it follows an answer goes on with the natterd of the new build', async () => {
  using other = otherBuild()
  await using home = createHome()
  const asked = other.run(home, ['long work', '-o', 'words=2000', '-o', 'delayMs=5'])
  await until(() => home.daemon()?.build === 'other')
  await until(async () => /"outputTokens": [1-9]/.test((await other.run(home, ['ps', '--json'])).stdout))
  other.upgrade('newer')
  await home.killDaemon()
  const { code, stdout, stderr } = await asked
  expect([code, stdout.slice(0, 5)]).toEqual([1, 'word1'])
  expect(stderr).toContain('natterd is back')
  expect(home.daemon()?.build).toBe('newer')
})
