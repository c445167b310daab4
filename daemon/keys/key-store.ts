// Where a key comes from: what config.json refers to, else what was stored.

import { describeReference, type Environment, parseReference, readReference } from './key-reference.ts'
import { checkKey, checkProvider } from './key-text.ts'
import { findKeychain } from './keychain.ts'
import type { FoundKey, Keychain, KeyStore, ListedKey } from './keys.ts'
import { openStoredKeys } from './stored-keys.ts'

export interface KeyStoreOptions {
  readonly file: string
  /** Providers as config.json has them; `key` is a reference, never a key. */
  readonly config: () => { readonly [provider: string]: { readonly key?: string } }
  /** `never` where nothing may be left outside the home of this daemon. */
  readonly keychain?: 'auto' | 'never'
  /** What the entries of the keychain are filed under. */
  readonly service?: string
  /** What `env:` looks into and commands run with. */
  readonly environment?: Environment
  readonly findKeychain?: () => Promise<Keychain | null>
  /** How long the output of a command is used again, in milliseconds. */
  readonly commandCacheMs?: number
}

/** A password manager may take a second and ask for a fingerprint; not with every turn. */
const COMMAND_CACHE_MS = 5 * 60_000

/** Reads nothing yet. */
export function openKeyStore(options: KeyStoreOptions): KeyStore {
  const { file, config, environment = process.env, service = 'natter' } = options
  const find = options.findKeychain ?? (() => findKeychain({ service, environment }))
  const stored = openStoredKeys(file, options.keychain === 'never' ? async () => null : find)
  const references = createReferenceReader(environment, options.commandCacheMs ?? COMMAND_CACHE_MS)

  return {
    path: file,
    storage: () => stored.storage(),
    async get(provider) {
      const reference = referenceOf(provider)
      return reference === null ? await stored.get(provider) : await references.read(provider, reference)
    },
    async set(provider, text) {
      checkProvider(provider)
      await stored.set(provider, checkKey(provider, text))
    },
    remove: (provider) => stored.remove(provider),
    async list() {
      const referring = Object.keys(config()).flatMap((provider) => {
        const reference = referenceOf(provider)
        return reference === null ? [] : [describe(provider, reference, environment)]
      })
      const names = new Set(referring.map(({ provider }) => provider))
      const kept = (await stored.list()).filter(({ provider }) => !names.has(provider))
      return [...referring, ...kept].toSorted((a, b) => a.provider.localeCompare(b.provider))
    },
    [Symbol.dispose]: () => stored[Symbol.dispose](),
  }

  function referenceOf(provider: string): string | null {
    const providers = config()
    return Object.hasOwn(providers, provider) ? (providers[provider]?.key ?? null) : null
  }
}

function describe(provider: string, text: string, environment: Environment): ListedKey {
  try {
    const reference = parseReference(provider, text)
    const detail = describeReference(reference)
    const unset = reference.type === 'environment' && (environment[reference.name] ?? '') === ''
    return { provider, source: 'config', detail: unset ? `${detail} (not set)` : detail }
  } catch {
    return { provider, source: 'config', detail: 'neither env: nor cmd:' }
  }
}

interface ReferenceReader {
  read(provider: string, reference: string): Promise<FoundKey>
}

function createReferenceReader(environment: Environment, cacheMs: number): ReferenceReader {
  const outputs = new Map<string, { readonly key: Promise<string>; readonly until: number }>()
  return {
    async read(provider, text) {
      const reference = parseReference(provider, text)
      const detail = describeReference(reference)
      const key = await (reference.type === 'command'
        ? cached(text, () => readReference(provider, reference, environment))
        : readReference(provider, reference, environment))
      return { key, source: 'config', detail }
    },
  }

  /** Turns that start together run the command once; a failure is not kept. */
  function cached(command: string, run: () => Promise<string>): Promise<string> {
    const known = outputs.get(command)
    if (known !== undefined && performance.now() < known.until) return known.key
    const key = run()
    outputs.set(command, { key, until: performance.now() + cacheMs })
    key.catch(() => outputs.delete(command))
    return key
  }
}
