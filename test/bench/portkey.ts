// Portkey's gateway, for comparison: installed into a temporary folder, in no package.json.

import { execFile, spawn } from 'node:child_process'
import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { exitCodeOf } from '../helpers/daemons.ts'
import { until } from '../helpers/until.ts'
import type { HelperProcess } from './helper-process.ts'

const run = promisify(execFile)
/** With what its fresh install takes instead, no stream is answered. */
const PINNED = { hono: '4.9.7', '@hono/node-server': '1.13.5' }

/** Null where it cannot be installed. */
export async function startPortkey(note: (text: string) => void): Promise<HelperProcess | null> {
  const directory = mkdtempSync(join(tmpdir(), 'natter-portkey-'))
  const remove = () => rmSync(directory, { recursive: true, force: true })
  const manifest = { private: true, dependencies: { '@portkey-ai/gateway': 'latest' }, overrides: PINNED }
  writeFileSync(join(directory, 'package.json'), JSON.stringify(manifest))
  note('installing Portkey')
  await run('npm', ['install', '--ignore-scripts', '--no-audit', '--no-fund'], { cwd: directory }).catch(() => {})
  const program = join(directory, 'node_modules/@portkey-ai/gateway/build/start-server.js')
  if (!existsSync(program)) {
    note('Portkey could not be installed: the comparison goes on without it')
    remove()
    return null
  }
  const port = await freePort()
  const child = spawn(process.execPath, [program, `--port=${port}`, '--headless'], { cwd: directory, stdio: 'ignore' })
  await until(() => fetch(`http://127.0.0.1:${port}/`).then(Boolean, () => false))
  return {
    pid: child.pid ?? 0,
    port,
    [Symbol.asyncDispose]: async () => {
      child.kill('SIGTERM')
      await exitCodeOf(child)
      remove()
    },
  }
}

function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = createServer()
    server.on('error', reject)
    server.listen(0, '127.0.0.1', () => {
      const address = server.address()
      server.close(() => resolve(typeof address === 'object' && address !== null ? address.port : 0))
    })
  })
}
