// A disk that is full before natterd was ever started: whoever asks is told so.

import { spawn, spawnSync } from 'node:child_process'
import { text } from 'node:stream/consumers'
import { expect, it } from 'vitest'
import { createHome, NATTER } from '../helpers/home.ts'

/** A user may mount in a name space of one's own, unless the system forbids it. */
const CAN_MOUNT = spawnSync('unshare', ['-rm', 'mount', '-t', 'tmpfs', 'tmpfs', '/mnt']).status === 0
if (!CAN_MOUNT) process.stderr.write('Skipped what needs a small disk: this system lets nobody mount one\n')

const ON_SMALL_DISK =
  'mount -t tmpfs -o size="$1k" tmpfs "$2" && dd if=/dev/zero of="$2/fill" bs=1k count="$3" && shift 3 && exec "$@"'

it.skipIf(!CAN_MOUNT).each([
  ['nothing is left', 64, 64],
  ['the database does not fit', 64, 56],
  ['the daemon has no room to say why', 64, 30],
])('natter says that the disk is full where %s', async (_name, size, filled) => {
  await using home = createHome()
  const small = ['-rm', 'sh', '-c', ON_SMALL_DISK, 'sh', String(size), home.directory, String(filled)]
  const child = spawn('unshare', [...small, process.execPath, NATTER, 'x'], {
    env: home.env,
    stdio: ['ignore', 'ignore', 'pipe'],
  })
  const stderr = await text(child.stderr)
  expect(stderr).toMatch(/^natter: Cannot start natterd: .*the disk.* is full\n {2}Free some space/m)
})
