// Keys of providers: the system's keychain where there is one, else a 0600 file; never in logs, errors or events.

export type KeySource = 'environment' | 'keychain' | 'file' | 'config'

export interface FoundKey {
  readonly key: string
  readonly source: KeySource
  /** The last four characters, or the variable or command it came from: `env:NAME`, `cmd:PROGRAM`. */
  readonly detail: string
}

export type ListedKey = Omit<FoundKey, 'key'> & { readonly provider: string }

export interface KeyStore extends Disposable {
  /** Where new keys go. Asks the keychain the first time. */
  storage(): Promise<'keychain' | 'file'>
  /** Of the file, also where the keychain is used and it does not exist. */
  readonly path: string
  /**
   * What config.json refers to, else what was stored; null where there is neither.
   * Throws `key-missing` where a key should be but cannot be read.
   */
  get(provider: string): Promise<FoundKey | null>
  /** Throws `invalid-request` where it cannot be a key. */
  set(provider: string, key: string): Promise<void>
  /** Of what was stored; a reference in config.json stays. False where nothing was. */
  remove(provider: string): Promise<boolean>
  list(): Promise<readonly ListedKey[]>
}

/** The system's store of secrets for one service; every method throws where it refuses or does not answer in time. */
export interface Keychain extends Disposable {
  read(provider: string): Promise<string | null>
  write(provider: string, key: string): Promise<void>
  remove(provider: string): Promise<boolean>
}
