import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { chmod, mkdir, readdir, readFile, rm, stat, utimes, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { expect, it } from 'vitest'
import { type KeyStoreOptions, openKeyStore } from '../../../daemon/keys/key-store.ts'
import type { Keychain, KeyStore } from '../../../daemon/keys/keys.ts'
import { NatterError } from '../../../src/protocol/errors.ts'
import { temporaryDirectory } from './temporary-directory.ts'

const SECRET = 'sk-proj-abcdefghijklmnop1234'

interface FakeKeychain extends Keychain {
  readonly entries: Map<string, string>
  readonly asked: string[]
  broken: string | null
}

function fakeKeychain(): FakeKeychain {
  const entries = new Map<string, string>()
  const asked: string[] = []
  const act = async <Result>(action: string, run: () => Result): Promise<Result> => {
    asked.push(action)
    if (keychain.broken !== null) throw new Error(keychain.broken)
    return run()
  }
  const keychain: FakeKeychain = {
    entries,
    asked,
    broken: null,
    read: (name) => act(`read ${name}`, () => entries.get(name) ?? null),
    write: (name, key) =>
      act(`write ${name}`, () => {
        entries.set(name, key)
      }),
    remove: (name) => act(`remove ${name}`, () => entries.delete(name)),
    [Symbol.dispose]: () => {},
  }
  return keychain
}

interface TestStore extends AsyncDisposable {
  readonly directory: string
  readonly file: string
  open(options?: Partial<KeyStoreOptions>): KeyStore
}

async function testStore(): Promise<TestStore> {
  const directory = await temporaryDirectory()
  const file = join(directory.path, 'natter', 'keys.json')
  return {
    directory: directory.path,
    file,
    open: (options) => openKeyStore({ file, config: () => ({}), keychain: 'never', environment: {}, ...options }),
    [Symbol.asyncDispose]: () => directory[Symbol.asyncDispose](),
  }
}

async function refusal(promise: Promise<unknown>): Promise<NatterError> {
  const error = await promise.then(
    () => null,
    (reason: unknown) => reason,
  )
  if (error instanceof NatterError) return error
  throw new Error(`expected a NatterError, got ${String(error)}`)
}

it('KeyStore keeps a key in a file that only the owner can read', async () => {
  await using test = await testStore()
  const store = test.open()
  expect(await store.get('openai')).toBeNull()
  expect(await store.storage()).toBe('file')
  await store.set('openai', `  ${SECRET}\n`)
  expect(await test.open().get('openai')).toEqual({ key: SECRET, source: 'file', detail: '…1234' })
  expect((await stat(test.file)).mode & 0o777).toBe(0o600)
  expect((await stat(join(test.directory, 'natter'))).mode & 0o777).toBe(0o700)
  expect(await readdir(join(test.directory, 'natter'))).toEqual(['keys.json'])
})

it('KeyStore makes a file private again that became readable for others', async () => {
  await using test = await testStore()
  await test.open().set('openai', SECRET)
  await chmod(test.file, 0o644)
  await test.open().get('openai')
  expect((await stat(test.file)).mode & 0o777).toBe(0o600)
})

it('KeyStore.remove() forgets the key and says whether there was one', async () => {
  await using test = await testStore()
  const store = test.open()
  await store.set('openai', SECRET)
  await store.set('groq', 'gsk_0123456789')
  expect(await store.remove('openai')).toBe(true)
  expect(await store.remove('openai')).toBe(false)
  expect(await store.get('openai')).toBeNull()
  expect((await store.get('groq'))?.key).toBe('gsk_0123456789')
  expect(await readFile(test.file, 'utf8')).not.toContain(SECRET)
})

it.each([
  ['', 'it is empty'],
  ['  \n', 'it is empty'],
  ['sk-a\nsk-b', 'it has spaces'],
  ['sk-a\u0000b', 'it has spaces'],
  ['sk-a\u001b[31m', 'it has spaces'],
  ['export KEY=sk-abc', 'it has spaces'],
  ['sk-“smart”', 'it has spaces'],
  ['x'.repeat(10_001), 'it is longer than 10000'],
])('KeyStore.set() refuses %j and does not repeat it', async (key, reason) => {
  await using test = await testStore()
  const error = await refusal(test.open().set('openai', key))
  expect(error.code).toBe('invalid-request')
  expect(error.message).toContain(`Cannot use key of "openai": ${reason}`)
  if (key.trim() !== '') expect(JSON.stringify([error.message, error.hint])).not.toContain(key.trim())
  expect(await readdir(test.directory)).toEqual([])
})

it.each(['', '__proto__', '../x', 'a b', 'x'.repeat(101)])(
  'KeyStore.set() refuses the provider name %j',
  async (name) => {
    await using test = await testStore()
    expect((await refusal(test.open().set(name, SECRET))).code).toBe('invalid-request')
  },
)

it.each(['', '{"keys":', '[]', '{"keys":{"a":1}}', '{"keys":[],"keychain":3}', 'null'])(
  'KeyStore refuses a broken file (%j), shows nothing of it and overwrites nothing',
  async (text) => {
    await using test = await testStore()
    await mkdir(join(test.directory, 'natter'))
    await writeFile(test.file, text)
    const store = test.open()
    const attempts = [store.get('openai'), store.set('openai', SECRET), store.list(), store.remove('openai')]
    for (const error of await Promise.all(attempts.map(refusal))) {
      expect(error.code).toBe('storage-failed')
      expect(error.message).toBe(`Cannot read keys "${test.file}": it is not a file of keys that natter wrote`)
      expect(error.cause).toBeUndefined()
    }
    expect(await readFile(test.file, 'utf8')).toBe(text)
  },
)

it('KeyStore loses nothing when many keys are set at once', async () => {
  await using test = await testStore()
  const store = test.open()
  const names = Array.from({ length: 30 }, (_, index) => `p${index}`)
  await Promise.all(names.map((name) => store.set(name, `sk-${name}-0123456789`)))
  expect((await store.list()).map(({ provider }) => provider).toSorted()).toEqual(names.toSorted())
})

it('KeyStore loses nothing when two processes set keys at once', async () => {
  await using test = await testStore()
  const program = fileURLToPath(new URL('./setting-process.ts', import.meta.url))
  const codes = await Promise.all(
    ['one', 'two', 'three'].map(async (name) => {
      const child = spawn(process.execPath, [program, test.file, name, '12'], { stdio: 'ignore' })
      const [code] = await once(child, 'exit')
      return code
    }),
  )
  expect(codes).toEqual([0, 0, 0])
  expect(await test.open().list()).toHaveLength(36)
  expect(await readdir(join(test.directory, 'natter'))).toEqual(['keys.json'])
})

it('KeyStore takes over the lock of a process that died, but not of one that lives', async () => {
  await using test = await testStore()
  await mkdir(join(test.directory, 'natter'))
  const gone = spawn(process.execPath, ['-e', ''])
  await once(gone, 'exit')
  await writeFile(`${test.file}.lock`, `${gone.pid} left-behind`)
  const store = test.open()
  await Promise.all(['a', 'b', 'c', 'd'].map((name) => store.set(name, `sk-${name}-0123456789`)))
  expect(await store.list()).toHaveLength(4)

  await writeFile(`${test.file}.lock`, `${process.pid} busy`)
  let done = false
  const waiting = store.set('e', SECRET).then(() => {
    done = true
  })
  await store.get('a')
  expect(done).toBe(false)
  const longAgo = new Date(Date.now() - 10 * 60_000)
  await utimes(`${test.file}.lock`, longAgo, longAgo)
  await waiting
  expect((await store.get('e'))?.key).toBe(SECRET)
})

it('KeyStore.get() prefers what the config refers to', async () => {
  await using test = await testStore()
  const config = {
    openai: { key: 'env:MY_KEY' },
    groq: { key: 'cmd:printf "\\n  gsk_fromcommand  \\nsecond line\\n"' },
    xai: {},
  }
  const store = test.open({
    config: () => config,
    environment: { MY_KEY: ' sk-fromvariable ', PATH: process.env['PATH'] },
  })
  for (const provider of ['openai', 'groq', 'xai']) await store.set(provider, SECRET)
  expect(await store.get('openai')).toEqual({ key: 'sk-fromvariable', source: 'config', detail: 'env:MY_KEY' })
  expect(await store.get('groq')).toEqual({ key: 'gsk_fromcommand', source: 'config', detail: 'cmd:printf' })
  expect((await store.get('xai'))?.source).toBe('file')
  expect(await store.list()).toEqual([
    { provider: 'groq', source: 'config', detail: 'cmd:printf' },
    { provider: 'openai', source: 'config', detail: 'env:MY_KEY' },
    { provider: 'xai', source: 'file', detail: '…1234' },
  ])
})

it('KeyStore.get() says which variable is not set', async () => {
  await using test = await testStore()
  const store = test.open({ config: () => ({ openai: { key: 'env:MY_KEY' } }), environment: { MY_KEY: '' } })
  const error = await refusal(store.get('openai'))
  expect(error.code).toBe('key-missing')
  expect(error.message).toBe(
    'Cannot read key of "openai" from "env:MY_KEY": that variable is not set where the daemon runs',
  )
  expect(await store.list()).toEqual([{ provider: 'openai', source: 'config', detail: 'env:MY_KEY (not set)' }])
})

it.each([SECRET, 'env:', 'cmd:', 'file:/etc/x', ''])(
  'KeyStore.get() refuses the literal %j in the config, unseen',
  async (key) => {
    await using test = await testStore()
    const store = test.open({ config: () => ({ openai: { key } }) })
    const error = await refusal(store.get('openai'))
    expect(error.code).toBe('invalid-request')
    expect(error.hint).toBe('Store the key with "natter keys set openai" and take "key" out of config.json')
    if (key !== '') expect(error.message).not.toContain(`says ${key}`)
    expect(JSON.stringify(await store.list())).not.toContain(SECRET)
    expect(error.message).not.toContain(SECRET)
  },
)

it.each([
  [`echo ${SECRET}; exit 3`, 'the command ended with exit code 3'],
  [`echo ${SECRET} >&2; exit 1`, 'the command ended with exit code 1'],
  ['kill -9 $$', 'the command ended with SIGKILL'],
  ['true', 'the command printed nothing'],
  ['printf "\\n\\n"', 'the command printed nothing'],
  ['no-such-program-at-all', 'the command ended with exit code 127'],
  [`yes ${SECRET}`, 'the command printed more than 65536 bytes'],
])('KeyStore.get() explains a failing command without its output (%s)', async (command, reason) => {
  await using test = await testStore()
  const environment = { PATH: process.env['PATH'] }
  const error = await refusal(test.open({ config: () => ({ a: { key: `cmd:${command}` } }), environment }).get('a'))
  expect(error.code).toBe('key-missing')
  expect(error.message).toContain(reason)
  expect(`${error.message} ${error.hint} ${String(error.cause)}`).not.toContain(SECRET)
})

it('KeyStore.get() runs a command once for turns that start together, and again after a failure', async () => {
  await using test = await testStore()
  const count = join(test.directory, 'count')
  const command = `echo x >> ${count}; [ "$(wc -l < ${count})" -gt 1 ] && echo sk-0123456789`
  const store = test.open({
    config: () => ({ a: { key: `cmd:${command}` } }),
    environment: { PATH: process.env['PATH'] },
  })
  await expect(store.get('a')).rejects.toThrow('exit code 1')
  const keys = await Promise.all([store.get('a'), store.get('a'), store.get('a')])
  expect(keys.map((found) => found?.key)).toEqual(['sk-0123456789', 'sk-0123456789', 'sk-0123456789'])
  await store.get('a')
  expect((await readFile(count, 'utf8')).trim().split('\n')).toHaveLength(2)
})

it('KeyStore uses the keychain where there is one, and leaves no key in the file', async () => {
  await using test = await testStore()
  const keychain = fakeKeychain()
  const open = () => test.open({ keychain: 'auto', findKeychain: async () => keychain })
  const store = open()
  await store.set('openai', SECRET)
  expect(await store.storage()).toBe('keychain')
  expect(await open().get('openai')).toEqual({ key: SECRET, source: 'keychain', detail: '…1234' })
  expect(await readFile(test.file, 'utf8')).not.toContain(SECRET)
  expect(await open().list()).toEqual([{ provider: 'openai', source: 'keychain', detail: '…1234' }])
  expect(await open().remove('openai')).toBe(true)
  expect(keychain.entries.size).toBe(0)
  expect(await open().get('openai')).toBeNull()
  expect(await open().remove('openai')).toBe(false)
})

it('KeyStore does not look for a keychain while no key is known to be in it', async () => {
  await using test = await testStore()
  await test.open().set('groq', 'gsk_0123456789')
  let asked = 0
  const store = test.open({
    keychain: 'auto',
    findKeychain: async () => {
      asked += 1
      return null
    },
  })
  expect(await store.get('openai')).toBeNull()
  expect((await store.get('groq'))?.key).toBe('gsk_0123456789')
  await store.list()
  expect(asked).toBe(0)
  expect(await store.storage()).toBe('file')
  await store.set('openai', SECRET)
  expect(await store.storage()).toBe('file')
  expect(asked).toBe(1)
})

it('KeyStore moves keys from the file into the keychain and leaves no copy behind', async () => {
  await using test = await testStore()
  await test.open().set('openai', SECRET)
  await test.open().set('groq', 'gsk_0123456789')
  const keychain = fakeKeychain()
  const store = test.open({ keychain: 'auto', findKeychain: async () => keychain })
  await store.set('xai', 'xai-0123456789')
  expect(Object.fromEntries(keychain.entries)).toEqual({
    openai: SECRET,
    groq: 'gsk_0123456789',
    xai: 'xai-0123456789',
  })
  const text = await readFile(test.file, 'utf8')
  for (const key of keychain.entries.values()) expect(text).not.toContain(key)
  expect((await store.list()).map(({ source }) => source)).toEqual(['keychain', 'keychain', 'keychain'])
})

it('KeyStore keeps a key in the file that the keychain does not give back', async () => {
  await using test = await testStore()
  await test.open().set('openai', SECRET)
  const keychain = { ...fakeKeychain(), read: async () => null }
  const store = test.open({ keychain: 'auto', findKeychain: async () => keychain })
  await store.storage()
  expect(await store.get('openai')).toMatchObject({ key: SECRET, source: 'file' })
})

it('KeyStore works again once a broken file was mended', async () => {
  await using test = await testStore()
  await mkdir(join(test.directory, 'natter'))
  await writeFile(test.file, '{')
  const store = test.open({ keychain: 'auto', findKeychain: async () => fakeKeychain() })
  expect((await refusal(store.storage())).code).toBe('storage-failed')
  await rm(test.file)
  expect(await store.storage()).toBe('keychain')
  store[Symbol.dispose]()
})

it('KeyStore puts no key into the file when the keychain refuses it', async () => {
  await using test = await testStore()
  const keychain = fakeKeychain()
  const store = test.open({ keychain: 'auto', findKeychain: async () => keychain })
  await store.storage()
  keychain.broken = 'the collection is locked'
  const error = await refusal(store.set('openai', SECRET))
  expect(error).toMatchObject({ code: 'storage-failed', hint: 'Unlock the keychain and try again' })
  expect(error.message).toContain('the collection is locked')
  expect(await readdir(test.directory)).toEqual([])
})

it('KeyStore.get() says that the key is in a keychain that cannot be reached', async () => {
  await using test = await testStore()
  const keychain = fakeKeychain()
  await test.open({ keychain: 'auto', findKeychain: async () => keychain }).set('openai', SECRET)
  const store = test.open({ keychain: 'auto', findKeychain: async () => null })
  const error = await refusal(store.get('openai'))
  expect(error.code).toBe('key-missing')
  expect(error.message).toBe('Cannot read key of "openai": the keychain that has it does not answer')
  expect(await store.list()).toEqual([
    { provider: 'openai', source: 'keychain', detail: 'the keychain does not give it' },
  ])
  await store.set('openai', 'sk-another-0123')
  expect(await store.get('openai')).toMatchObject({ key: 'sk-another-0123', source: 'file' })
})
