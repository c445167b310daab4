// What the doctor sees of the machine: Node, this build, the clock, the disk.

import { existsSync } from 'node:fs'
import { stat, statfs } from 'node:fs/promises'
import { dirname } from 'node:path'
import { ourBuild } from '../../client/build.ts'
import type { CommandContext } from '../context.ts'
import { type Check, fail, ok, warn } from './check.ts'

const NODE_MIN = [22, 19] as const
const DAY_MS = 86_400_000
const DISK_WARN_BYTES = 1_000_000_000
const DISK_FAIL_BYTES = 50_000_000

export async function* checkMachine({ paths }: CommandContext): AsyncGenerator<Check> {
  yield checkNode(process.versions.node)
  const { version, build } = ourBuild()
  yield ok('natter', `${version}, build ${build}, ${process.platform} ${process.arch}`)
  yield await checkClock()
  yield await checkDisk(paths.data)
}

function checkNode(version: string): Check {
  const [major = 0, minor = 0] = version.split('.').map(Number)
  const isEnough = major > NODE_MIN[0] || (major === NODE_MIN[0] && minor >= NODE_MIN[1])
  const detail = `${version} at ${process.execPath}`
  if (isEnough) return ok('node', detail)
  return fail('node', `${detail}; ${NODE_MIN.join('.')} or newer is needed`, 'Install a newer Node: https://nodejs.org')
}

/** A clock that is wrong breaks TLS, and the order of what is stored. */
async function checkClock(): Promise<Check> {
  const now = new Date()
  const file = process.argv[1]
  const builtAt = file === undefined ? 0 : ((await stat(file).catch(() => null))?.mtimeMs ?? 0)
  const zone = Intl.DateTimeFormat().resolvedOptions().timeZone
  const detail = `${now.toISOString()}, ${zone}`
  if (now.getTime() > builtAt - DAY_MS) return ok('clock', detail)
  return fail('clock', `${detail}; that is before natter was installed`, 'Set the clock of this machine')
}

async function checkDisk(directory: string): Promise<Check> {
  const { bavail, bsize } = await statfs(nearest(directory))
  const free = bavail * bsize
  const detail = `${formatBytes(free)} free for "${directory}"`
  const hint = 'Free some space: what cannot be written cannot be kept'
  if (free < DISK_FAIL_BYTES) return fail('disk', detail, hint)
  return free < DISK_WARN_BYTES ? warn('disk', detail, hint) : ok('disk', detail)
}

/** The directory, or the nearest above it that exists. */
function nearest(directory: string): string {
  let path = directory
  while (!existsSync(path) && path !== dirname(path)) path = dirname(path)
  return path
}

function formatBytes(bytes: number): string {
  if (bytes < 1_000_000) return `${Math.ceil(bytes / 1_000)} kB`
  return bytes < 1_000_000_000 ? `${Math.round(bytes / 1_000_000)} MB` : `${(bytes / 1_000_000_000).toFixed(1)} GB`
}
