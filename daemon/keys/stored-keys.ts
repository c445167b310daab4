// Keys that natter was given to keep: in the keychain, and in the file where there is none.

import { NatterError } from '../../src/protocol/errors.ts'
import { type KeyFileContent, openKeyFile } from './key-file.ts'
import { lastFour } from './key-text.ts'
import type { FoundKey, Keychain, ListedKey } from './keys.ts'

export interface StoredKeys extends Disposable {
  storage(): Promise<'keychain' | 'file'>
  get(provider: string): Promise<FoundKey | null>
  /** The key must have been checked. */
  set(provider: string, key: string): Promise<void>
  remove(provider: string): Promise<boolean>
  list(): Promise<readonly ListedKey[]>
}

/** `findKeychain` is asked once, when the keychain is needed first. */
export function openStoredKeys(path: string, findKeychain: () => Promise<Keychain | null>): StoredKeys {
  const file = openKeyFile(path)
  let finding: Promise<Keychain | null> | null = null

  return {
    storage: async () => ((await keychain()) === null ? 'file' : 'keychain'),
    get,
    async set(provider, key) {
      const chain = await keychain()
      if (chain !== null) await writeTo(chain, provider, key)
      await file.update((content) => {
        const rest = forget(content, provider)
        return chain === null
          ? { ...rest, keys: { ...rest.keys, [provider]: key } }
          : { ...rest, keychain: [...rest.keychain, provider] }
      })
    },
    async remove(provider) {
      const { keys, keychain: names } = await file.read()
      const inFile = Object.hasOwn(keys, provider)
      const inKeychain = names.includes(provider) && (await askKeychain(provider, (chain) => chain.remove(provider)))
      if (inFile || names.includes(provider)) await file.update((content) => forget(content, provider))
      return inFile || inKeychain
    },
    async list() {
      const { keys, keychain: names } = await file.read()
      return await Promise.all([...new Set([...Object.keys(keys), ...names])].map(describe))
    },
    [Symbol.dispose]() {
      void finding?.then(
        (chain) => chain?.[Symbol.dispose](),
        () => {}, // Whoever asked was told.
      )
    },
  }

  function keychain(): Promise<Keychain | null> {
    finding ??= find()
    return finding
  }

  async function find(): Promise<Keychain | null> {
    const chain = await findKeychain()
    try {
      if (chain !== null) await moveInto(chain)
      return chain
    } catch (error) {
      // The file is broken: somebody may mend it.
      chain?.[Symbol.dispose]()
      finding = null
      throw error
    }
  }

  async function get(provider: string): Promise<FoundKey | null> {
    const { keys, keychain: names } = await file.read()
    const key = Object.hasOwn(keys, provider) ? keys[provider] : undefined
    if (key !== undefined) return { key, source: 'file', detail: lastFour(key) }
    // The keychain is asked only for what it is known to have: it is slow and may ask the user.
    if (!names.includes(provider)) return null
    const found = await askKeychain(provider, (chain) => chain.read(provider))
    return found === null ? null : { key: found, source: 'keychain', detail: lastFour(found) }
  }

  async function askKeychain<Result>(provider: string, ask: (chain: Keychain) => Promise<Result>): Promise<Result> {
    const chain = await keychain()
    if (chain === null) throw unreachable(provider, 'does not answer', null)
    try {
      return await ask(chain)
    } catch (cause) {
      throw unreachable(provider, `says: ${reasonOf(cause)}`, cause)
    }
  }

  /** Of keys that were stored when there was no keychain. Leaves no copy, and takes none away before it can be read back. */
  async function moveInto(chain: Keychain): Promise<void> {
    const { keys } = await file.read()
    const moved: string[] = []
    for (const [provider, key] of Object.entries(keys)) {
      try {
        await chain.write(provider, key)
        if ((await chain.read(provider)) === key) moved.push(provider)
      } catch {
        // It stays in the file, where it still works.
      }
    }
    if (moved.length === 0) return
    await file.update((content) => {
      // Another process may have stored a new key meanwhile: that one stays.
      const gone = moved.filter((provider) => content.keys[provider] === keys[provider])
      const rest = gone.reduce(forget, content)
      return { ...rest, keychain: [...rest.keychain, ...gone] }
    })
  }

  async function describe(provider: string): Promise<ListedKey> {
    try {
      const found = await get(provider)
      if (found !== null) return { provider, source: found.source, detail: found.detail }
      return { provider, source: 'keychain', detail: 'gone from the keychain' }
    } catch {
      return { provider, source: 'keychain', detail: 'the keychain does not give it' }
    }
  }
}

async function writeTo(chain: Keychain, provider: string, key: string): Promise<void> {
  try {
    await chain.write(provider, key)
  } catch (cause) {
    throw new NatterError('storage-failed', `Cannot store key of "${provider}" in the keychain: ${reasonOf(cause)}`, {
      hint: 'Unlock the keychain and try again',
      cause,
    })
  }
}

function unreachable(provider: string, state: string, cause: unknown): NatterError {
  return new NatterError('key-missing', `Cannot read key of "${provider}": the keychain that has it ${state}`, {
    hint: `Unlock the keychain, or run "natter keys set ${provider}" again`,
    cause,
  })
}

function forget({ keys, keychain }: KeyFileContent, provider: string): KeyFileContent {
  return {
    keys: Object.fromEntries(Object.entries(keys).filter(([name]) => name !== provider)),
    keychain: keychain.filter((name) => name !== provider),
  }
}

function reasonOf(cause: unknown): string {
  return cause instanceof Error ? cause.message : String(cause)
}
