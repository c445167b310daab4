import { readdirSync } from 'node:fs'
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { expect, it } from 'vitest'
import { findKeychain } from '../../../daemon/keys/keychain.ts'
import { temporaryDirectory } from './temporary-directory.ts'

const FAKE = fileURLToPath(new URL('./fake-keyring.cjs', import.meta.url))

function options(root: string, answerMs = 20_000) {
  return { service: 'natter', modulePath: FAKE, answerMs, environment: { ...process.env, FAKE_KEYRING: root } }
}

it('findKeychain() gives one that writes, reads and deletes, and leaves nothing of its trial', async () => {
  await using directory = await temporaryDirectory()
  using keychain = await findKeychain(options(directory.path))
  expect(keychain).not.toBeNull()
  expect(readdirSync(join(directory.path, 'natter'))).toEqual([])
  expect(await keychain?.read('openai')).toBeNull()
  await keychain?.write('openai', 'sk-1234567890')
  expect(await keychain?.read('openai')).toBe('sk-1234567890')
  expect(await keychain?.remove('openai')).toBe(true)
  expect(await keychain?.remove('openai')).toBe(false)
})

it.each(['absent', 'forget', 'locked', 'crash'])(
  'findKeychain() finds none where the system’s store is %s',
  async (mode) => {
    await using directory = await temporaryDirectory()
    await writeFile(join(directory.path, 'mode'), mode)
    expect(await findKeychain(options(directory.path))).toBeNull()
  },
)

it.each(['hang', 'block'])('findKeychain() finds none where the system’s store does not answer (%s)', async (mode) => {
  await using directory = await temporaryDirectory()
  await writeFile(join(directory.path, 'mode'), mode)
  expect(await findKeychain(options(directory.path, 700))).toBeNull()
})

it('findKeychain() finds none where the package is missing', async () => {
  await using directory = await temporaryDirectory()
  expect(await findKeychain({ ...options(directory.path), modulePath: '/nonexistent/keyring' })).toBeNull()
})

it.runIf(process.platform === 'linux')('findKeychain() starts no process where there is no session bus', async () => {
  const environment = { PATH: '/nonexistent', XDG_RUNTIME_DIR: '/nonexistent' }
  expect(await findKeychain({ service: 'natter', environment })).toBeNull()
})

it('Keychain refuses a request that it did not answer in time, and answers again later', async () => {
  await using directory = await temporaryDirectory()
  using keychain = await findKeychain(options(directory.path, 4000))
  await keychain?.write('openai', 'sk-1234567890')
  await writeFile(join(directory.path, 'mode'), 'block')
  await expect(keychain?.read('openai')).rejects.toThrow('it did not answer within 4 s')
  await writeFile(join(directory.path, 'mode'), '')
  expect(await keychain?.read('openai')).toBe('sk-1234567890')
})

it('Keychain answers requests made at once, each with its own', async () => {
  await using directory = await temporaryDirectory()
  using keychain = await findKeychain(options(directory.path))
  const names = Array.from({ length: 20 }, (_, index) => `p${index}`)
  await Promise.all(names.map((name) => keychain?.write(name, `key-of-${name}`)))
  expect(await Promise.all(names.map((name) => keychain?.read(name)))).toEqual(names.map((name) => `key-of-${name}`))
})

it('Keychain refuses what is waiting when it is closed', async () => {
  await using directory = await temporaryDirectory()
  const keychain = await findKeychain(options(directory.path))
  const reading = keychain?.read('openai')
  keychain?.[Symbol.dispose]()
  await expect(reading).rejects.toThrow('it was closed')
})
